// dbghelp [--wait]: imports dbghelp.dll, as programs do that print their own stack or write their own dump. Its exit code is 40 and the
// major version of that DLL's interface. With --wait it first prints a line, and waits for the end of its standard input.
#include <stdio.h>
#include <windows.h>
#include <dbghelp.h>

int main(int argc, char **argv) {
  (void)argv;
  if (argc > 1) {
    puts("ready");
    fflush(stdout);
    getchar();
  }
  return 40 + ImagehlpApiVersion()->MajorVersion;
}
