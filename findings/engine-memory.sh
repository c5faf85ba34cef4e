#!/usr/bin/env bash
# Software: Microsoft's debugger engine 10.0.29507.1001 (NuGet Microsoft.Debugging.Platform.DbgEng 20260109.1235.0)
#   under Wine 10.0; programs are compiled by mingw's GCC 14.
# Expected: what the engine keeps of a program goes with it: a client that launches or attaches to one after another, each
#   ended by EndSession, needs no more memory after the hundredth than after the tenth, as a Win32 debug loop does not.
# Seen: each one costs some hundred KB that are never given back. What fills them are objects of dbgmodel.dll, the model
#   behind `dx` (names such as Debugger.Models.StackFrame in UTF-16), which the client has not asked for; the engine does not load without
#   that DLL. So whoever attaches ten thousand times does it in more than one process.
. "$(dirname "$0")/lib/common.sh"
. "$HERE/lib/windows.sh"
mingw
engine
wine

cat >"$WORK/short.c" <<'C'
int main() { return 0; }
C
cat >"$WORK/memory.h" <<'C'
#include <windows.h>
#include <psapi.h>
#include <stdio.h>
static long kilobytes(void) {
  PROCESS_MEMORY_COUNTERS counters = {sizeof counters};
  K32GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof counters);
  return (long)(counters.WorkingSetSize / 1024);
}
enum { WARM = 20, PROGRAMS = 60 };
static void tell(long before) {
  long each = (kilobytes() - before) / PROGRAMS;
  printf("%ld KB each, that is %s\n", each, each > 150 ? "much" : each < 40 ? "little" : "something");
}
C
cat >"$WORK/session.cpp" <<'C'
#include "engine.h"
#include "memory.h"
int main(int count, char **words) {
  open_engine(words[1]);
  long before = 0;
  for (int program = 0; program < WARM + PROGRAMS; program++) {
    if (program == WARM) before = kilobytes();
    launch(words[2]);
    while (wait()) go();
    client->EndSession(DEBUG_END_ACTIVE_TERMINATE);
  }
  tell(before);
  end();
}
C
cat >"$WORK/loop.c" <<'C'
#include "memory.h"
int main(int count, char **words) {
  long before = 0;
  for (int program = 0; program < WARM + PROGRAMS; program++) {
    if (program == WARM) before = kilobytes();
    STARTUPINFOA start = {sizeof start};
    PROCESS_INFORMATION info;
    CreateProcessA(0, words[1], 0, 0, 0, DEBUG_ONLY_THIS_PROCESS, 0, 0, &start, &info);
    for (DEBUG_EVENT event = {0}; event.dwDebugEventCode != EXIT_PROCESS_DEBUG_EVENT;) {
      WaitForDebugEvent(&event, INFINITE);
      if (event.dwDebugEventCode == LOAD_DLL_DEBUG_EVENT) CloseHandle(event.u.LoadDll.hFile);
      if (event.dwDebugEventCode == CREATE_PROCESS_DEBUG_EVENT) CloseHandle(event.u.CreateProcessInfo.hFile);
      ContinueDebugEvent(event.dwProcessId, event.dwThreadId, DBG_CONTINUE);
    }
    CloseHandle(info.hThread);
    CloseHandle(info.hProcess);
  }
  tell(before);
  return 0;
}
C
program short
program loop -I"$WORK"
debugger session
engine_says=$(run session.exe "$(engine_folder)" short.exe)
loop_says=$(run loop.exe short.exe)
printf '%s\n' "the engine: $engine_says" "a Win32 debug loop: $loop_says"
shows "$engine_says" 'that is much$'
shows "$loop_says" 'that is little$'
