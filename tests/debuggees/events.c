// events TOTAL: makes TOTAL debug events as fast as it can, in a fixed mix, then exits with code 0.
// For endurance: each round of 20 is 12 handled exceptions, 4 debug strings, one thread and one DLL (2 events each).
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

enum { OWN_CODE = (int)0xE0001234, ROUND = 20, EXCEPTIONS = 12, STRINGS = 4 };

static LONG CALLBACK handle_own(EXCEPTION_POINTERS *info) {
  BOOL own = info->ExceptionRecord->ExceptionCode == (DWORD)OWN_CODE;
  return own ? EXCEPTION_CONTINUE_EXECUTION : EXCEPTION_CONTINUE_SEARCH;
}

static DWORD WINAPI do_nothing(void *argument) {
  (void)argument;
  return 0;
}

static void raise_own(int count) {
  for (int i = 0; i < count; i++) RaiseException((DWORD)OWN_CODE, 0, 0, NULL);
}

static void run_round(int round) {
  char line[32];
  raise_own(EXCEPTIONS);
  for (int i = 0; i < STRINGS; i++) {
    snprintf(line, sizeof line, "round %d line %d\n", round, i);
    OutputDebugStringA(line);
  }
  HANDLE thread = CreateThread(NULL, 0, do_nothing, NULL, 0, NULL);
  WaitForSingleObject(thread, INFINITE);
  CloseHandle(thread);
  FreeLibrary(LoadLibraryW(L"plugin.dll"));
}

int main(int argc, char **argv) {
  int total = argc > 1 ? atoi(argv[1]) : ROUND;
  AddVectoredExceptionHandler(1, handle_own);
  for (int round = 0; round < total / ROUND; round++) run_round(round);
  raise_own(total % ROUND);
  return 0;
}
