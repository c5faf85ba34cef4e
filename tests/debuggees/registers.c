// Whether the processor's debug registers work here: has its own thread trap at each write to a variable, writes twice, and ends with the
// number of traps. Virtual machines may be without.
#include <windows.h>

static volatile LONG g_value;
static volatile LONG g_traps;

static LONG CALLBACK count(EXCEPTION_POINTERS *info) {
  if (info->ExceptionRecord->ExceptionCode != EXCEPTION_SINGLE_STEP) return EXCEPTION_CONTINUE_SEARCH;
  g_traps++;
  return EXCEPTION_CONTINUE_EXECUTION;
}

int main(void) {
  CONTEXT context = {.ContextFlags = CONTEXT_DEBUG_REGISTERS};
  AddVectoredExceptionHandler(1, count);
  context.Dr0 = (DWORD64)&g_value;
  context.Dr7 = 0xd0001;  // the first one, for writes of four bytes
  if (!SetThreadContext(GetCurrentThread(), &context)) return -1;
  g_value = 1;
  g_value = 2;
  context.Dr7 = 0;
  SetThreadContext(GetCurrentThread(), &context);
  return (int)g_traps;
}
