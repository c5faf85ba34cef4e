#!/usr/bin/env bash
# Software: Microsoft's debugger engine 10.0.29507.1001 (NuGet Microsoft.Debugging.Platform.DbgEng 20260109.1235.0)
#   under Wine 10.0; the program is compiled by mingw's GCC 14.
# Expected: IDebugControl::SetInterrupt(DEBUG_INTERRUPT_ACTIVE), which any thread may call at any time, breaks into a
#   program that runs, whatever it did before.
# Seen: after a thread of the program has ended it gives S_OK and nothing happens: the wait is still running 5 s
#   later. In the same program, with its thread still alive, the same call ends the wait at once.
. "$(dirname "$0")/lib/common.sh"
. "$HERE/lib/windows.sh"
mingw
engine
wine

cat >"$WORK/idle.c" <<'C'
#include <windows.h>
#include <stdlib.h>
static DWORD WINAPI work(void *time) { return Sleep((DWORD)(size_t)time), 0; }
int main(int count, char **words) {
  CreateThread(0, 0, work, (void *)(size_t)atoi(words[1]), 0, 0);
  Sleep(60000);
  return 0;
}
C
cat >"$WORK/interrupt.cpp" <<'C'
#include "engine.h"
static HANDLE ready;
struct Threads : Events {
  bool at_end;
  STDMETHOD(CreateThread)(ULONG64, ULONG64, ULONG64) { return at_end || SetEvent(ready), DEBUG_STATUS_GO; }
  STDMETHOD(ExitThread)(ULONG) { return SetEvent(ready), DEBUG_STATUS_GO; }
} events;
static DWORD WINAPI interrupt(void *) {
  WaitForSingleObject(ready, INFINITE);
  // The engine is to be waiting again, long since.
  Sleep(500);
  printf("SetInterrupt %08lx, ", control->SetInterrupt(DEBUG_INTERRUPT_ACTIVE));
  return 0;
}
int main(int count, char **words) {
  open_engine(words[1]);
  events.at_end = count > 3;
  ready = CreateEventA(0, TRUE, FALSE, 0);
  client->SetEventCallbacks(&events);
  launch(words[2]);
  ::CreateThread(0, 0, interrupt, 0, 0, 0);
  HRESULT result = control->WaitForEvent(0, 5000);
  printf("WaitForEvent %08lx\n", result);
  client->TerminateProcesses();
  end();
}
C
program idle
debugger interrupt
alive=$(run interrupt.exe "$(engine_folder)" "idle.exe 60000")
ended=$(run interrupt.exe "$(engine_folder)" "idle.exe 100" ended)
printf '%s\n' "the thread lives: $alive" "the thread has ended: $ended"
shows "$alive" '^SetInterrupt 00000000, WaitForEvent 00000000$'
shows "$ended" '^SetInterrupt 00000000, WaitForEvent 00000001$'
