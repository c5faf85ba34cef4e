// inlined: with optimization main calls middle, that leaf, and that writes to a null pointer; all other functions are parts of these.
// For stacks: functions that the compiler inlined, at the instruction itself and at calls.
#include <stddef.h>

#define INLINED __attribute__((always_inline)) static inline
#define CALLED __attribute__((noinline)) static

volatile int g_sink;
int *volatile g_nowhere;

INLINED int store(int value) {
  *g_nowhere = value;
  return value;
}

INLINED int twice(int value) {
  int stored = store(value * 2);
  return stored + 1;
}

CALLED int leaf(int value) {
  int result = twice(value);
  g_sink = result;
  return result + 1;
}

INLINED int half(int value) {
  int result = leaf(value / 2);
  return result + 1;
}

INLINED int quarter(int value) {
  int result = half(value / 2);
  return result + 1;
}

CALLED int middle(int value) {
  int result = quarter(value);
  g_sink += result;
  return result;
}

int main(int argc, char **argv) {
  (void)argv;
  int result = middle(argc + 40);
  return half(result) + g_sink;
}
