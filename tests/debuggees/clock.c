// clock [greet]: ticks five times a second, each time with a debug string, for ever. With greet it writes a line to its
// standard output instead and exits with code 3. For the README's tour of latch.
#include <stdio.h>
#include <windows.h>

__attribute__((noinline)) static void tick(unsigned count) {
  char line[32];
  snprintf(line, sizeof line, "tick %u\n", count);
  OutputDebugStringA(line);
}

int main(int argc, char **argv) {
  (void)argv;
  if (argc > 1) {
    puts("greetings");
    return 3;
  }
  for (unsigned count = 1;; count++) {
    tick(count);
    Sleep(200);
  }
}
