#!/usr/bin/env bash
# Software: GCC 14 (mingw, win32 threads) of Debian 13, Wine 10.0, a plain Win32 debugger.
# Expected: `throw` without a catch is the same case in main and in a thread: the debugger sees it at first chance
#   and, since nobody handles it, at second chance; a debugger that stops at second chances stops at every uncaught
#   exception. The program ends with the same exit code with and without a debugger.
# Seen: thrown in main it comes twice at first chance and never at second, so that debugger never stops. The same
#   throw in a thread comes once at first and once at second chance, and then the exit code depends on the debugger:
#   the exception's 0x20474343 with one, abort's 3 without.
. "$(dirname "$0")/lib/common.sh"
. "$HERE/lib/windows.sh"
mingw
wine

cat >"$WORK/throw.cpp" <<'C'
#include <windows.h>
#include <string.h>
static DWORD WINAPI work(void *) { throw 7; }
int main(int count, char **words) {
  if (!strcmp(words[1], "main")) throw 7;
  if (!strcmp(words[1], "thread")) WaitForSingleObject(CreateThread(0, 0, work, 0, 0, 0), INFINITE);
  return 1;
}
C
cat >"$WORK/loop.c" <<'C'
#include <windows.h>
#include <stdio.h>
int main(int count, char **words) {
  STARTUPINFOA startup = {sizeof startup};
  PROCESS_INFORMATION started;
  int initial = 1;
  CreateProcessA(0, words[1], 0, 0, 0, DEBUG_ONLY_THIS_PROCESS, 0, 0, &startup, &started);
  for (;;) {
    DEBUG_EVENT event;
    DWORD answer = DBG_CONTINUE;
    WaitForDebugEvent(&event, INFINITE);
    if (event.dwDebugEventCode == EXIT_PROCESS_DEBUG_EVENT) return printf("exit code %lx\n", event.u.ExitProcess.dwExitCode), 0;
    if (event.dwDebugEventCode == EXCEPTION_DEBUG_EVENT && !initial) {
      answer = DBG_EXCEPTION_NOT_HANDLED;
      printf("%lx chance %d, ", event.u.Exception.ExceptionRecord.ExceptionCode, event.u.Exception.dwFirstChance ? 1 : 2);
    }
    if (event.dwDebugEventCode == EXCEPTION_DEBUG_EVENT) initial = 0;
    ContinueDebugEvent(event.dwProcessId, event.dwThreadId, answer);
  }
}
C
(cd "$WORK" && x86_64-w64-mingw32-g++ -O1 -static throw.cpp -o throw.exe)
program loop
seen=
for how in main thread; do
  code=0
  run throw.exe $how || code=$?
  seen+="$how: $(run loop.exe "throw.exe $how"), without a debugger $code"$'\n'
done
echo "$seen"
shows "$seen" '^main: 20474343 chance 1, 20474343 chance 1, exit code 3, without a debugger 3$' \
  '^thread: 20474343 chance 1, 20474343 chance 2, exit code 20474343, without a debugger 3$'
