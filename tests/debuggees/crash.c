// crash [--handled|--when-debugged]: main, outer, inner, write_through; the last one writes to a null pointer.
// For stacks, locals and exceptions: with --handled main catches the fault, goes on and exits with code 3; with --when-debugged
// it says "ready", and begins a second after a debugger has attached.
#include <stdio.h>
#include <string.h>
#include <windows.h>

struct parcel {
  int number;
  const char *label;
};

__attribute__((noinline)) static int write_through(int *target, int value) {
  int before = value - 1;
  *target = value;
  return before;
}

__attribute__((noinline)) static int inner(struct parcel *parcel, int *target) {
  int doubled = parcel->number * 2;
  return write_through(target, doubled) + 1;
}

__attribute__((noinline)) static int outer(int number, int *target) {
  struct parcel parcel = {number, "crash parcel"};
  return inner(&parcel, target) + 1;
}

static int call_guarded(int *target) {
  __try {
    return outer(21, target);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    return -1;
  }
}

int main(int argc, char **argv) {
  int *volatile nowhere = NULL;
  if (argc > 1 && strcmp(argv[1], "--handled") == 0) return call_guarded(nowhere) == -1 ? 3 : 1;
  if (argc > 1 && strcmp(argv[1], "--when-debugged") == 0) {
    printf("ready\n");
    fflush(stdout);
    while (!IsDebuggerPresent()) Sleep(50);
    Sleep(1000);
  }
  return outer(21, nowhere);
}
