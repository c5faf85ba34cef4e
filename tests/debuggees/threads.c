// threads N: starts N threads, one after another; the last four live at the same time, the rest is joined at once.
// For thread events: N of each kind in a fixed order; thread number k (from 1) exits with code k.
#include <stdlib.h>
#include <windows.h>

enum { TOGETHER = 4 };

struct member {
  HANDLE running, may_end;
  int number;
};

static DWORD WINAPI run_alone(void *number) {
  return (DWORD)(ULONG_PTR)number;
}

static DWORD WINAPI run_together(void *argument) {
  struct member *self = argument;
  SetEvent(self->running);
  WaitForSingleObject(self->may_end, INFINITE);
  return (DWORD)self->number;
}

static HANDLE start(LPTHREAD_START_ROUTINE routine, void *argument) {
  HANDLE thread = CreateThread(NULL, 0, routine, argument, 0, NULL);
  if (!thread) ExitProcess(1);
  return thread;
}

// A debugger is told of a thread when it first runs: only waiting for that makes the order of the events a fixed one.
static void run_group(int first, int size) {
  struct member members[TOGETHER];
  HANDLE threads[TOGETHER];
  for (int i = 0; i < size; i++) {
    members[i] = (struct member){CreateEventW(NULL, 0, 0, NULL), CreateEventW(NULL, 0, 0, NULL), first + i};
    threads[i] = start(run_together, &members[i]);
    WaitForSingleObject(members[i].running, INFINITE);
  }
  for (int i = 0; i < size; i++) {
    SetEvent(members[i].may_end);
    WaitForSingleObject(threads[i], INFINITE);
  }
}

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 1;
  int together = count < TOGETHER ? count : TOGETHER;
  for (int number = 1; number <= count - together; number++) {
    HANDLE thread = start(run_alone, (void *)(ULONG_PTR)number);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
  }
  run_group(count - together + 1, together);
  return 0;
}
