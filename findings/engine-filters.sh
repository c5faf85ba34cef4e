#!/usr/bin/env bash
# Software: Microsoft's debugger engine 10.0.29507.1001 (NuGet Microsoft.Debugging.Platform.DbgEng 20260109.1235.0)
#   under Wine 10.0; the program is compiled by mingw's GCC 14.
# Expected: what the Exception callback returns decides: with DEBUG_STATUS_GO_NOT_HANDLED, documented as going on with
#   the event counted as unhandled, WaitForEvent goes on and the program's own handler runs.
# Seen: for an access violation WaitForEvent returns all the same, and the program stands at its fault; for an
#   exception of the program's own (0xE0000001), raised before it, the very same answer does let it go on. The
#   engine's filters have the last word, and the usual loop that answers a stop by GO repeats the faulting instruction
#   for ever.
. "$(dirname "$0")/lib/common.sh"
. "$HERE/lib/windows.sh"
mingw
engine
wine

cat >"$WORK/faulty.c" <<'C'
#include <windows.h>
static LONG CALLBACK handler(EXCEPTION_POINTERS *e) {
  if (e->ExceptionRecord->ExceptionCode == STATUS_ACCESS_VIOLATION) ExitProcess(42);
  return EXCEPTION_CONTINUE_EXECUTION;
}
int main() {
  AddVectoredExceptionHandler(1, handler);
  RaiseException(0xE0000001, 0, 0, 0);
  *(volatile int *)8 = 1;
  return 0;
}
C
cat >"$WORK/watch.cpp" <<'C'
#include "engine.h"
struct Watch : Events {
  STDMETHOD(Exception)(PEXCEPTION_RECORD64 record, ULONG first) {
    printf("callback: %08lx chance %d, answered GO_NOT_HANDLED\n", record->ExceptionCode, first ? 1 : 2);
    return DEBUG_STATUS_GO_NOT_HANDLED;
  }
  STDMETHOD(ExitProcess)(ULONG code) { return printf("exit code %lu\n", code), DEBUG_STATUS_GO; }
} events;
int main(int count, char **words) {
  open_engine(words[1]);
  client->SetEventCallbacks(&events);
  launch(words[2]);
  while (wait()) {
    ULONG type, process, thread;
    control->GetLastEventInformation(&type, &process, &thread, 0, 0, 0, 0, 0, 0);
    printf("WaitForEvent returned, last event %s\n", type == DEBUG_EVENT_EXCEPTION ? "exception" : "other");
    go(DEBUG_STATUS_GO_NOT_HANDLED);
  }
  end();
}
C
program faulty
debugger watch
seen=$(run watch.exe "$(engine_folder)" faulty.exe)
echo "$seen"
[ "$(grep -c 'WaitForEvent returned' <<<"$seen")" = 1 ] || shows "$seen" 'exactly one return'
# One line after the other: the program's own exception lets the wait go on.
shows "$(tr '\n' '|' <<<"$seen")" \
  'e0000001 chance 1, answered GO_NOT_HANDLED.callback: c0000005 chance 1, answered GO_NOT_HANDLED.WaitForEvent' \
  'returned, last event exception.exit code 42'
