// modules N: loads and frees plugin.dll (beside this program) N times, then exits with code 7.
// For load and unload events: a debugger must see exactly N of each for plugin.dll.
#include <stdlib.h>
#include <windows.h>

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 1;
  for (int i = 0; i < count; i++) {
    HMODULE plugin = LoadLibraryW(L"plugin.dll");
    if (!plugin) return 1;
    FreeLibrary(plugin);
  }
  return 7;
}
