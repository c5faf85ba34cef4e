// Attaching to a process and letting it go, again and again: through the engine, and by Windows' own functions alone.
#include "client.h"

// What is under way. A thread looks on: what makes no step for ten seconds has hung.
static volatile LONG g_steps;
static const char *volatile g_step = "nothing";
static volatile int g_cycle;

static DWORD WINAPI look_on(void *nothing) {
  (void)nothing;
  for (LONG last = -1, now; (now = g_steps) != last; last = now) Sleep(10000);
  printf("{\"hungIn\":\"%s\",\"cycle\":%d}\n", g_step, g_cycle);
  fflush(stdout);
  TerminateProcess(GetCurrentProcess(), 3);
  return 0;
}

static void step(const char *name) {
  g_step = name;
  InterlockedIncrement(&g_steps);
}

static void tell(int cycles, LONGLONG start) {
  printf("{\"cycles\":%d,\"milliseconds\":%.0f}\n", cycles, microseconds_between(start, clock_ticks()) / 1000);
}

// The initial break is reported as an exception: the engine stops at it by itself.
static void attach_once(const struct engine *engine, ULONG process) {
  ULONG status = DEBUG_STATUS_NO_DEBUGGEE;
  step("AttachProcess");
  HRESULT result = engine->client->lpVtbl->AttachProcess(engine->client, 0, process, DEBUG_ATTACH_DEFAULT);
  check(result, "AttachProcess");
  do {
    step("WaitForEvent");
    check(engine->control->lpVtbl->WaitForEvent(engine->control, 0, INFINITE), "WaitForEvent");
    check(engine->control->lpVtbl->GetExecutionStatus(engine->control, &status), "GetExecutionStatus");
  } while (status != DEBUG_STATUS_BREAK);
  step("DetachCurrentProcess");
  check(engine->client->lpVtbl->DetachCurrentProcess(engine->client), "DetachCurrentProcess");
  step("EndSession");
  engine->client->lpVtbl->EndSession(engine->client, DEBUG_END_PASSIVE);
}

void attach_cycles(const struct engine *engine, ULONG process, int cycles) {
  LONGLONG start = clock_ticks();
  CreateThread(NULL, 0, look_on, NULL, 0, NULL);
  check(engine->control->lpVtbl->AddEngineOptions(engine->control, DEBUG_ENGOPT_INITIAL_BREAK), "AddEngineOptions");
  for (g_cycle = 0; g_cycle < cycles; g_cycle++) attach_once(engine, process);
  tell(cycles, start);
}

static void require(BOOL result, const char *call) {
  if (!result) check(HRESULT_FROM_WIN32(GetLastError()), call);
}

static void debug_once(DWORD process) {
  step("DebugActiveProcess");
  require(DebugActiveProcess(process), "DebugActiveProcess");
  require(DebugSetProcessKillOnExit(FALSE), "DebugSetProcessKillOnExit");
  for (BOOL is_broken = FALSE; !is_broken;) {
    DEBUG_EVENT event;
    step("WaitForDebugEvent");
    require(WaitForDebugEvent(&event, INFINITE), "WaitForDebugEvent");
    if (event.dwDebugEventCode == CREATE_PROCESS_DEBUG_EVENT) CloseHandle(event.u.CreateProcessInfo.hFile);
    if (event.dwDebugEventCode == LOAD_DLL_DEBUG_EVENT) CloseHandle(event.u.LoadDll.hFile);
    is_broken = event.dwDebugEventCode == EXCEPTION_DEBUG_EVENT;
    step("ContinueDebugEvent");
    require(ContinueDebugEvent(event.dwProcessId, event.dwThreadId, DBG_CONTINUE), "ContinueDebugEvent");
  }
  step("DebugActiveProcessStop");
  require(DebugActiveProcessStop(process), "DebugActiveProcessStop");
}

void debug_cycles(DWORD process, int cycles) {
  LONGLONG start = clock_ticks();
  CreateThread(NULL, 0, look_on, NULL, 0, NULL);
  for (g_cycle = 0; g_cycle < cycles; g_cycle++) debug_once(process);
  tell(cycles, start);
}
