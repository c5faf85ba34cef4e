// loader [--wait] DLL…: loads each DLL by the name or path given, says how many, and exits with that code.
// For the module audit: what is loaded from where is decided by the caller. With --wait it stays until its input ends.
#include <stdio.h>
#include <wchar.h>
#include <windows.h>

int main(void) {
  int argc, count = 0;
  wchar_t **argv = CommandLineToArgvW(GetCommandLineW(), &argc);
  BOOL waits = FALSE;
  for (int i = 1; i < argc; i++) {
    if (wcscmp(argv[i], L"--wait") == 0) waits = TRUE;
    else if (LoadLibraryW(argv[i])) count++;
  }
  printf("loaded %d\n", count);
  fflush(stdout);
  if (waits) getchar();
  return count;
}
