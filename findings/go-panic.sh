#!/usr/bin/env bash
# Software: Go 1.24.4 of Debian 13 (windows/amd64), Wine 10.0, a plain Win32 debugger.
# Expected: a panic that nobody recovers ends a program as an uncaught exception of another language does: the debugger
#   sees it, at second chance too, and it does not end as by os.Exit. A nil dereference that is not recovered is an access
#   violation with a second chance. GOTRACEBACK=crash, "crashes in an operating system-specific manner", shows both.
# Seen: a panic, a division by zero, a stack overflow and a deadlock raise nothing at all and exit with 2, as os.Exit(2)
#   does. A nil dereference comes at first chance, recovered or not, never at second, and exits with 2. With
#   GOTRACEBACK=crash a panic raises nothing here either: Wine's RaiseFailFastException ends the process.
. "$(dirname "$0")/lib/common.sh"
. "$HERE/lib/windows.sh"
mingw
wine
golang

cat >"$WORK/ends.go" <<'GO'
package main

import "os"

var zero, list = 0, make(chan int)

type node struct{ value int }

//go:noinline
func read(n *node) int { return n.value }

//go:noinline
func deep(n int) int { var a [100]int; a[n%100] = n; return deep(n+1) + a[(n+7)%100] }

func main() {
	switch os.Args[1] {
	case "exit":
		os.Exit(2)
	case "panic":
		panic("on purpose")
	case "divide":
		println(1 / zero)
	case "overflow":
		println(deep(1))
	case "deadlock":
		<-list
	case "nil":
		println(read(nil))
	case "recovered":
		defer func() { recover(); os.Exit(2) }()
		read(nil)
	}
}
GO
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
program loop
(cd "$WORK" && go_build windows -o ends.exe ends.go)
seen=
for how in exit panic divide overflow deadlock nil recovered; do
  seen+="$how: $(run loop.exe "ends.exe $how" 2>/dev/null)"$'\n'
done
seen+="crash: $(GOTRACEBACK=crash run loop.exe "ends.exe panic" 2>/dev/null)"
echo "$seen"
shows "$seen" '^exit: exit code 2$' '^panic: exit code 2$' '^divide: exit code 2$' '^overflow: exit code 2$' \
  '^deadlock: exit code 2$' '^nil: c0000005 chance 1, exit code 2$' '^recovered: c0000005 chance 1, exit code 2$' \
  '^crash: exit code c0000602$'
