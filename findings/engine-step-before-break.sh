#!/usr/bin/env bash
# Software: Microsoft's debugger engine 10.0.29507.1001 (NuGet Microsoft.Debugging.Platform.DbgEng 20260109.1235.0)
#   under Wine 10.0; programs are compiled by mingw's GCC 14.
# Expected: a thread that has itself trap (its own trap flag) in front of an `int3` of its own is told as a single step, and, when that was answered as
#   handled, as a break instruction: that one has not been executed yet. A Win32 debug loop that answers DBG_CONTINUE is told of both each time.
# Seen: with GO_HANDLED the engine takes the thread past the `int3`, which is never executed: the second exception does not come, and neither does the
#   program's handler hear of it. So whoever swallows single steps, as a debugger does with those that it brought about itself, may take break
#   instructions away from the program.
. "$(dirname "$0")/lib/common.sh"
. "$HERE/lib/windows.sh"
mingw
engine
wine

cat >"$WORK/traps.c" <<'C'
#include <windows.h>
extern char own_break[];
__asm__(".globl trap, own_break\n"
        "trap:\n"
        "  pushfq\n"
        "  orq $0x100, (%rsp)\n"
        "  popfq\n"
        "  nop\n"
        "own_break:\n"
        "  int3\n"
        "  ret\n");
void trap(void);
static int g_breaks;
static LONG CALLBACK handle(EXCEPTION_POINTERS *info) {
  if (info->ExceptionRecord->ExceptionCode != EXCEPTION_BREAKPOINT) return EXCEPTION_CONTINUE_SEARCH;
  g_breaks++;
  info->ContextRecord->Rip = (DWORD64)own_break + 1;
  return EXCEPTION_CONTINUE_EXECUTION;
}
int main() {
  AddVectoredExceptionHandler(1, handle);
  for (int round = 0; round < 5; round++) trap();
  return g_breaks;
}
C
cat >"$WORK/session.cpp" <<'C'
#include "engine.h"
static int steps, breaks, code = -1;
static ULONG answer = DEBUG_STATUS_GO;
struct Watch : Events {
  STDMETHOD(Exception)(PEXCEPTION_RECORD64 record, ULONG) {
    bool is_step = record->ExceptionCode == EXCEPTION_SINGLE_STEP;
    if (is_step) steps++;
    else if (steps > 0) breaks++;  // the first one is Windows' own
    return answer = is_step || breaks == 0 ? DEBUG_STATUS_GO_HANDLED : DEBUG_STATUS_GO_NOT_HANDLED;
  }
  STDMETHOD(ExitProcess)(ULONG exit) { return code = exit, DEBUG_STATUS_NO_CHANGE; }
};
int main(int count, char **words) {
  open_engine(words[1]);
  Watch watch;
  check(client->SetEventCallbacks(&watch), "SetEventCallbacks");
  launch(words[2]);
  while (wait()) go(answer);  // its filters stop at such exceptions, whatever the callback says
  printf("%d single steps, %d breaks, %d handled by the program\n", steps, breaks, code);
  end();
}
C
cat >"$WORK/loop.c" <<'C'
#include <windows.h>
#include <stdio.h>
int main(int count, char **words) {
  STARTUPINFOA start = {sizeof start};
  PROCESS_INFORMATION info;
  CreateProcessA(0, words[1], 0, 0, 0, DEBUG_ONLY_THIS_PROCESS, 0, 0, &start, &info);
  int steps = 0, breaks = 0;
  for (DEBUG_EVENT event;;) {
    WaitForDebugEvent(&event, INFINITE);
    DWORD answer = DBG_CONTINUE;
    if (event.dwDebugEventCode == EXIT_PROCESS_DEBUG_EVENT) {
      printf("%d single steps, %d breaks, %d handled by the program\n", steps, breaks, (int)event.u.ExitProcess.dwExitCode);
      return 0;
    }
    if (event.dwDebugEventCode == EXCEPTION_DEBUG_EVENT) {
      DWORD code = event.u.Exception.ExceptionRecord.ExceptionCode;
      if (code == EXCEPTION_SINGLE_STEP) steps++;
      else if (code == EXCEPTION_BREAKPOINT && steps > 0) breaks++, answer = DBG_EXCEPTION_NOT_HANDLED;
    }
    ContinueDebugEvent(event.dwProcessId, event.dwThreadId, answer);
  }
}
C
program traps
program loop
debugger session
engine_says=$(run session.exe "$(engine_folder)" traps.exe)
loop_says=$(run loop.exe traps.exe)
printf '%s\n' "the engine: $engine_says" "a Win32 debug loop: $loop_says"
shows "$loop_says" '^5 single steps, 5 breaks, 5 handled by the program$'
shows "$engine_says" '^5 single steps, 0 breaks, 0 handled by the program$'
