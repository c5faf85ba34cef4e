#!/usr/bin/env bash
# Software: Microsoft's debugger engine 10.0.29507.1001 (NuGet Microsoft.Debugging.Platform.DbgEng 20260109.1235.0)
#   under Wine 10.0; the program is compiled by mingw's GCC 14.
# Expected: a WaitForEvent whose time is over gives S_FALSE, "no event"; a program in which nothing happened has run all
#   the while, as with a Win32 debug loop, where WaitForDebugEvent touches no thread.
# Seen: at the end of each such wait the engine suspends the threads of the program. A thread of the debugger that looks
#   on all the time finds the program's only thread suspended now and then between waits of 5 ms, and never during one of
#   5 s.
. "$(dirname "$0")/lib/common.sh"
. "$HERE/lib/windows.sh"
mingw
engine
wine

cat >"$WORK/idle.c" <<'C'
#include <windows.h>
int main() {
  Sleep(60000);
  return 0;
}
C
cat >"$WORK/looks.cpp" <<'C'
#include "engine.h"
#include <stdlib.h>
enum { THREAD_SUSPEND_COUNT = 35 };
typedef LONG(WINAPI *Query)(HANDLE, int, void *, ULONG, ULONG *);
static HANDLE thread;
static long looks, suspended;
static DWORD WINAPI look(void *) {
  Query query = (Query)(void *)GetProcAddress(GetModuleHandleA("ntdll"), "NtQueryInformationThread");
  // By then the next wait has begun.
  Sleep(500);
  DWORD start = GetTickCount();
  for (ULONG count; GetTickCount() - start < 3000; looks++) {
    if (query(thread, THREAD_SUSPEND_COUNT, &count, sizeof count, 0) == 0 && count > 0) suspended++;
  }
  return 0;
}
int main(int count, char **words) {
  open_engine(words[1]);
  control->AddEngineOptions(DEBUG_ENGOPT_INITIAL_BREAK);
  launch(words[2]);
  wait();
  ULONG id;
  objects->GetCurrentThreadSystemId(&id);
  thread = OpenThread(THREAD_ALL_ACCESS, 0, id);
  go();
  ULONG slice = atoi(words[3]);
  // Whatever comes of the program's start is over by then.
  for (DWORD start = GetTickCount(); GetTickCount() - start < 2000;) control->WaitForEvent(0, 2000);
  HANDLE looker = ::CreateThread(0, 0, look, 0, 0, 0);
  long waits = 0, expired = 0;
  for (; WaitForSingleObject(looker, 0) != WAIT_OBJECT_0; waits++) expired += control->WaitForEvent(0, slice) == S_FALSE;
  printf("%s, suspended in %s of %s looks\n", waits == expired ? "all expired" : "one told something",
         suspended ? "some" : "none", looks > 1000 ? "many" : "few");
  client->TerminateProcesses();
  end();
}
C
program idle
debugger looks
one=$(run looks.exe "$(engine_folder)" idle.exe 5000)
many=$(run looks.exe "$(engine_folder)" idle.exe 5)
printf '%s\n' "one of 5 s: $one" "waits of 5 ms: $many"
shows "$many" '^all expired, suspended in some of many looks$'
shows "$one" '^all expired, suspended in none of many looks$'
