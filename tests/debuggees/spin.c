// spin [--seconds S]: is busy in spin_here, for ever or for S seconds.
// For interrupts, samples, breakpoints and reading of variables: g_counter moves, g_point stays.
#include <stdlib.h>
#include <string.h>
#include <windows.h>

struct point {
  int x, y;
  double z;
};

volatile unsigned long long g_counter;
struct point g_point = {3, -4, 2.5};

__attribute__((noinline)) void spin_here(const struct point *point, unsigned step) {
  g_counter += step + (unsigned)(point->x + point->y + 1);
}

int main(int argc, char **argv) {
  double seconds = argc > 2 && strcmp(argv[1], "--seconds") == 0 ? atof(argv[2]) : 0;
  ULONGLONG start = GetTickCount64();
  while (seconds == 0 || (double)(GetTickCount64() - start) < seconds * 1000) {
    for (int i = 0; i < 1000; i++) spin_here(&g_point, 1);
  }
  return 0;
}
