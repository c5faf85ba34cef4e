// exceptions N: raises the exception 0xE0001234 N times, handles each itself and exits with code 0.
// For first-chance events: parameter 0 is the running number; there is never a second chance.
#include <stdlib.h>
#include <windows.h>

enum { OWN_CODE = (int)0xE0001234 };

static volatile LONG g_handled;

static LONG CALLBACK handle_own(EXCEPTION_POINTERS *info) {
  if (info->ExceptionRecord->ExceptionCode != (DWORD)OWN_CODE) return EXCEPTION_CONTINUE_SEARCH;
  g_handled++;
  return EXCEPTION_CONTINUE_EXECUTION;
}

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 1;
  AddVectoredExceptionHandler(1, handle_own);
  for (int i = 0; i < count; i++) {
    ULONG_PTR number = (ULONG_PTR)i;
    RaiseException((DWORD)OWN_CODE, 0, 1, &number);
  }
  return g_handled == count ? 0 : 1;
}
