#!/usr/bin/env bash
# Software: Go 1.24.4, GCC 14 and GNU objdump 2.44 of mingw, Wine 10.0, all of Debian 13; Microsoft's debugger engine
#   10.0.29507.1001 (NuGet Microsoft.Debugging.Platform.DbgEng 20260109.1235.0).
# Expected: a dump names a program by the time in its header and the size of its image, which together tell one build
#   from another; who wants builds without a time puts a hash there, as MSVC's and LLVM's linkers and .NET do. For what
#   is not in the dump the engine takes a file with this key only: with another build at hand it says "not there".
# Seen: so it is with a program in C. Every program of Go for Windows has the time 0, and sizes come in pages, so two
#   builds have one key, nor is there a debug directory. The engine takes the code of the other build for the dump's,
#   with S_OK; a symbol store, too, has one place for both.
. "$(dirname "$0")/lib/common.sh"
. "$HERE/lib/windows.sh"
mingw
wine
engine
golang

cd "$WORK"
cat >shop.go <<'GO'
package main

var sink = 3

//go:noinline
func order(n int) int { return n + sink + 1 }

func main() { println(order(7)) }
GO
cat >shop.c <<'C'
#include <stdio.h>
volatile int sink = 3;
__attribute__((noinline)) int order(int n) { return n + sink + ADDED; }
int main(int count, char **words) { return printf("%d\n", order(7)), 0; }
C
# A debugger that writes a dump of a program at its initial breakpoint; code is not in a dump of this kind.
cat >dump.c <<'C'
#include <windows.h>
#include <dbghelp.h>
int main(int count, char **words) {
  STARTUPINFOA startup = {sizeof startup};
  PROCESS_INFORMATION started;
  DEBUG_EVENT event;
  CreateProcessA(0, words[1], 0, 0, 0, DEBUG_ONLY_THIS_PROCESS, 0, 0, &startup, &started);
  for (;; ContinueDebugEvent(event.dwProcessId, event.dwThreadId, DBG_CONTINUE)) {
    WaitForDebugEvent(&event, INFINITE);
    if (event.dwDebugEventCode == EXCEPTION_DEBUG_EVENT) break;
  }
  HANDLE file = CreateFileA(words[2], GENERIC_WRITE, 0, 0, CREATE_ALWAYS, 0, 0);
  BOOL written = MiniDumpWriteDump(started.hProcess, started.dwProcessId, file, MiniDumpNormal, 0, 0, 0);
  CloseHandle(file);
  TerminateProcess(started.hProcess, 0);
  return !written;
}
C
cat >ask.cpp <<'C'
#include "engine.h"
#include <stdlib.h>
int main(int count, char **words) {
  unsigned char code[12];
  IDebugDataSpaces *memory;
  open_engine(words[1]);
  check(client->QueryInterface(IID_IDebugDataSpaces, (void **)&memory), "IDebugDataSpaces");
  symbols->SetImagePath(words[3]);
  check(client->OpenDumpFile(words[2]), "OpenDumpFile");
  wait();
  if (memory->ReadVirtual(strtoull(words[4], 0, 16), code, sizeof code, 0)) printf("not there");
  else for (unsigned char byte : code) printf("%02x", byte);
  end();
}
C
program dump -ldbghelp
debugger ask
objdump() { x86_64-w64-mingw32-objdump "$@"; }
# FILE: the address of the function, the first bytes of its code, the two parts of its key.
address() { x86_64-w64-mingw32-nm "$1" | awk '$3 == "order" || $3 == "main.order" { print "0x" $1 }'; }
code() {
  objdump -s -j .text --start-address="$(address "$1")" --stop-address=$(($(address "$1") + 12)) "$1" |
    sed -n 's/^ [0-9a-f]* \([0-9a-f ]\{35\}\).*/\1/p' | tr -d ' \n'
}
key() {
  local header
  header=$(od -An -tu4 -j60 -N4 "$1" | tr -d ' ')
  echo "time $(od -An -tx4 -j$((header + 8)) -N4 "$1" | tr -d ' ') size $(od -An -tx4 -j$((header + 80)) -N4 "$1" | tr -d ' ')"
}
go_build windows -o go1.exe shop.go
sed -i 's/sink + 1/sink*5 + 1/' shop.go
go_build windows -o go2.exe shop.go
for build in 1 2; do
  SOURCE_DATE_EPOCH=1${build}00000000 x86_64-w64-mingw32-gcc -O1 -DADDED=$build shop.c -o c$build.exe
done
seen=
for language in c go; do
  cp ${language}1.exe shop.exe
  run dump.exe shop.exe $language.dmp
  for build in 1 2; do
    file=$language$build.exe
    cp $file shop.exe
    read=$(run ask.exe "$(engine_folder)" $language.dmp "Z:${WORK//\//\\}" "$(address ${language}1.exe)")
    for other in 1 2; do [ "$read" != "$(code $language$other.exe)" ] || read="the code of build $other"; done
    seen+="$language, build $build at hand, $(key $file): $read"$'\n'
  done
done
echo "$seen"
size='size [0-9a-f]{8}'
shows "$seen" "^c, build 1 at hand, time 4190ab00 $size: the code of build 1$" "^c, build 2 at hand, time 47868c00 $size: not there$" \
  "^go, build 1 at hand, time 00000000 $size: the code of build 1$" "^go, build 2 at hand, time 00000000 $size: the code of build 2$"
[ "$(key go1.exe)" = "$(key go2.exe)" ] || shows 'two keys' 'one key'
[ "$(code go1.exe)" != "$(code go2.exe)" ] || shows 'one code' 'two codes'
