// threads N: starts and joins threads so that N are started in all; the last four live at the same time.
// For thread events: each start routine gets its own number and ends with it as its exit code.
#include <stdlib.h>
#include <windows.h>

enum { TOGETHER = 4 };

static DWORD WINAPI run_alone(void *number) {
  return (DWORD)(ULONG_PTR)number;
}

// Waits for the next thread of the row, so that the row ends from the back: a fixed order to compare.
static DWORD WINAPI run_in_row(void *next) {
  if (next) WaitForSingleObject(next, INFINITE);
  return 0;
}

static HANDLE start(LPTHREAD_START_ROUTINE routine, void *argument) {
  HANDLE thread = CreateThread(NULL, 0, routine, argument, 0, NULL);
  if (!thread) ExitProcess(1);
  return thread;
}

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 1;
  int row = count < TOGETHER ? count : TOGETHER;
  for (int i = 0; i < count - row; i++) {
    HANDLE thread = start(run_alone, (void *)(ULONG_PTR)(i + 1));
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
  }
  HANDLE go = CreateEventW(NULL, TRUE, FALSE, NULL);
  HANDLE last = go;
  for (int i = 0; i < row; i++) last = start(run_in_row, last);
  SetEvent(go);
  WaitForSingleObject(last, INFINITE);
  return 0;
}
