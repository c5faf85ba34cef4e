// The addresses that a thread comes to, step by step, as the engine by itself makes them: each in one wait without an end. From the
// begin of a function on; with "-", from the break on with which the program begins.
#include "client.h"

static void wait_for_stop(IDebugControl5 *control) {
  check(control->lpVtbl->WaitForEvent(control, 0, INFINITE), "WaitForEvent");
}

static void run_to(IDebugControl5 *control, const char *symbol) {
  char breakpoint[256];
  snprintf(breakpoint, sizeof breakpoint, "bp %s", symbol);
  check(control->lpVtbl->Execute(control, DEBUG_OUTCTL_IGNORE, breakpoint, DEBUG_EXECUTE_NOT_LOGGED), "bp");
  check(control->lpVtbl->SetExecutionStatus(control, DEBUG_STATUS_GO), "SetExecutionStatus");
  wait_for_stop(control);
  check(control->lpVtbl->Execute(control, DEBUG_OUTCTL_IGNORE, "bc *", DEBUG_EXECUTE_NOT_LOGGED), "bc");
}

void print_steps(const struct engine *engine, const char *symbol, ULONG status, int count, wchar_t *command) {
  IDebugControl5 *control = engine->control;
  check(control->lpVtbl->AddEngineOptions(control, DEBUG_ENGOPT_INITIAL_BREAK), "AddEngineOptions");
  launch(engine, command, DEBUG_ONLY_THIS_PROCESS);
  wait_for_stop(control);
  if (strcmp(symbol, "-") != 0) run_to(control, symbol);
  for (int i = 0; i < count; i++) {
    ULONG64 at = 0;
    check(control->lpVtbl->SetExecutionStatus(control, status), "SetExecutionStatus");
    wait_for_stop(control);
    check(engine->registers->lpVtbl->GetInstructionOffset(engine->registers, &at), "GetInstructionOffset");
    printf("%llx\n", (unsigned long long)at);
  }
  fflush(stdout);
  engine->client->lpVtbl->TerminateProcesses(engine->client);
  ExitProcess(0);
}
