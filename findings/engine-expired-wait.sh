#!/usr/bin/env bash
# Software: Microsoft's debugger engine 10.0.29507.1001 (NuGet Microsoft.Debugging.Platform.DbgEng 20260109.1235.0)
#   under Wine 10.0; the program is compiled by mingw's GCC 14.
# Expected: WaitForEvent with a time limit is a way of polling: S_FALSE says that nothing has happened in that time,
#   the program runs on, and the next wait goes on waiting. A function called 200 times by one thread gives 200 hits,
#   whatever the limit.
# Seen: a wait that expires while the engine steps the program over its breakpoint makes that breakpoint hit again.
#   With WaitForEvent(0, 0) in a loop the 200 calls are reported as more than 200 hits, with an endless wait as
#   exactly 200; the program ran tick 200 times in both.
. "$(dirname "$0")/lib/common.sh"
. "$HERE/lib/windows.sh"
mingw
engine
wine

cat >"$WORK/calls.c" <<'C'
volatile int total;
__declspec(dllexport) __declspec(noinline) void tick(int n) { total += n; }
int main() {
  for (int i = 0; i < 200; i++) tick(1);
  return total == 200 ? 0 : 1;
}
C
cat >"$WORK/poll.cpp" <<'C'
#include "engine.h"
#include <stdlib.h>
static int hits, expired, over;
struct Count : Events {
  STDMETHOD(Breakpoint)(PDEBUG_BREAKPOINT) { return hits++, DEBUG_STATUS_BREAK; }
  STDMETHOD(ExitProcess)(ULONG code) { return over = 1, printf("exit code %lu, ", code), DEBUG_STATUS_GO; }
} events;
int main(int count, char **words) {
  open_engine(words[1]);
  client->SetEventCallbacks(&events);
  control->AddEngineOptions(DEBUG_ENGOPT_INITIAL_BREAK);
  launch(words[2]);
  wait();
  check(execute("bp calls!tick"), "bp");
  go();
  while (!over) {
    HRESULT result = control->WaitForEvent(0, atoi(words[3]));
    if (result == S_FALSE) expired++;
    if (!over) go();
  }
  printf("%d hits, waits expired: %s\n", hits, expired ? "yes" : "no");
  end();
}
C
program calls
debugger poll
endless=$(run poll.exe "$(engine_folder)" calls.exe -1)
polled=$(run poll.exe "$(engine_folder)" calls.exe 0)
printf '%s\n' "endless waits: $endless" "waits of 0 ms: $polled"
shows "$endless" '^exit code 0, 200 hits, waits expired: no$'
shows "$polled" '^exit code 0, [0-9]+ hits, waits expired: yes$'
[ "$(grep -oE '[0-9]+ hits' <<<"$polled" | cut -d' ' -f1)" -gt 200 ] || shows "$polled" 'more than 200 hits'
