// Calls one function again and again. Usage: hits.exe CALLS; ends with the number of calls made.
#include <stdlib.h>
#include <windows.h>

static volatile int g_count;

__attribute__((noinline)) static void tick(int i) { g_count += i < 0 ? 0 : 1; }

int main(int argc, char **argv) {
  int calls = argc > 1 ? atoi(argv[1]) : 1000;
  for (int i = 0; i < calls; i++) {
    tick(i);
    if (i % 50 == 49) Sleep(7);
  }
  return g_count;
}
