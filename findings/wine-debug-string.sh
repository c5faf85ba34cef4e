#!/usr/bin/env bash
# Software: Wine 10.0 (Debian 13) and Microsoft's debugger engine 10.0.29507.1001 (NuGet
#   Microsoft.Debugging.Platform.DbgEng 20260109.1235.0); the program is compiled by mingw's GCC 14.
# Expected: a text that a program prints by OutputDebugStringW reaches the debugger whole, as by OutputDebugStringA:
#   Windows documents the event's nDebugStringLength in bytes.
# Seen: the engine prints the first half of the wide text and all of the narrow one. Wine's event gives the length of
#   a wide text in characters, the engine reads that many bytes. The longer the text, the more is missing, without any
#   sign of it.
. "$(dirname "$0")/lib/common.sh"
. "$HERE/lib/windows.sh"
mingw
engine
wine

cat >"$WORK/talker.c" <<'C'
#include <windows.h>
int main() {
  OutputDebugStringA("narrow 0123456789 end\n");
  OutputDebugStringW(L"wide 0123456789abc end\n");
  return 0;
}
C
cat >"$WORK/loop.c" <<'C'
#include <windows.h>
#include <stdio.h>
int main(int count, char **words) {
  STARTUPINFOA startup = {sizeof startup};
  PROCESS_INFORMATION started;
  CreateProcessA(0, words[1], 0, 0, 0, DEBUG_ONLY_THIS_PROCESS, 0, 0, &startup, &started);
  for (;;) {
    DEBUG_EVENT event;
    WaitForDebugEventEx(&event, INFINITE);
    if (event.dwDebugEventCode == EXIT_PROCESS_DEBUG_EVENT) return 0;
    if (event.dwDebugEventCode == OUTPUT_DEBUG_STRING_EVENT)
      printf("event: unicode %d, length %d\n", event.u.DebugString.fUnicode, event.u.DebugString.nDebugStringLength);
    ContinueDebugEvent(event.dwProcessId, event.dwThreadId, DBG_CONTINUE);
  }
}
C
cat >"$WORK/listen.cpp" <<'C'
#include "engine.h"
struct Program : Printer {
  STDMETHOD(Output)(ULONG mask, PCSTR text) {
    if (mask & DEBUG_OUTPUT_DEBUGGEE) printf("[%s]\n", text);
    return S_OK;
  }
} output;
int main(int count, char **words) {
  open_engine(words[1]);
  client->SetOutputMask(DEBUG_OUTPUT_DEBUGGEE);
  client->SetOutputCallbacks(&output);
  launch(words[2]);
  while (wait()) go();
  end();
}
C
program talker
program loop
debugger listen
events=$(run loop.exe talker.exe)
heard=$(run listen.exe "$(engine_folder)" talker.exe)
printf '%s\n' "$events" "-- the engine" "$heard"
shows "$events" '^event: unicode 0, length 23$' '^event: unicode 1, length 24$'
shows "$(tr -d '\n' <<<"$heard")" '\[narrow 0123456789 end\]' '\[wide 012345'
lacks "$(tr -d '\n' <<<"$heard")" '6789abc end'
