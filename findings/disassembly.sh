#!/usr/bin/env bash
# Software: Microsoft's debugger engine 10.0.29507.1001 (NuGet Microsoft.Debugging.Platform.DbgEng 20260109.1235.0)
#   under Wine 10.0; llvm-objdump 19.1.7 (the disassembler that LLDB uses too); GNU objdump 2.44. The processor runs the program
#   first.
# Expected: a debugger lists what the processor runs. The second forms of TEST (F7 /1, F6 /1) and of SHL (C1 /6) do
#   the same as the usual ones (/0, /4) on every x86 processor; they are opcode bytes that no assembler picks, no
#   more.
# Seen: the program runs and uses their results. The engine knows SHL's but not TEST's: "???", one byte long, and then
#   it reads the operand's bytes as instructions (`enter 22h,0` is nowhere in the program). LLVM knows neither, with
#   the same loss of step. GNU objdump has them all right.
. "$(dirname "$0")/lib/common.sh"
. "$HERE/lib/windows.sh"
llvm
engine
wine

cat >"$WORK/odd.c" <<'C'
#include <stdio.h>
__asm__(
    ".section .drectve\n.ascii \" -export:odd\"\n.text\n.globl odd\n"
    "odd: movl $0x11, %eax\n"
    ".byte 0xc1, 0xf0, 0x04\n"              // shl eax, 4
    ".byte 0xf7, 0xc8, 0x22, 0, 0, 0\n"     // test eax, 22h: nothing in common with 110h
    "setz %al\n ret\n nop\n");
int odd(void);
int main() { return printf("the processor: eax = %x\n", odd()), 0; }
C
cat >"$WORK/list.cpp" <<'C'
#include "engine.h"
int main(int count, char **words) {
  Printer printer;
  open_engine(words[1]);
  control->AddEngineOptions(DEBUG_ENGOPT_INITIAL_BREAK);
  launch(words[2]);
  wait();
  client->SetOutputCallbacks(&printer);
  execute("u odd!odd L6");
  end();
}
C
program odd
debugger list
result=$(run odd.exe)
microsoft=$(run list.exe "$(engine_folder)" odd.exe | grep -A6 '^odd!odd')
start=0x$(x86_64-w64-mingw32-nm "$WORK/odd.exe" | awk '$3 == "odd" { print $1 }')
objdump_of() { "$1" -d -M intel --start-address=$start --stop-address=$((start + 0x12)) "$WORK/odd.exe" | grep '^ *1400'; }
gnu=$(objdump_of x86_64-w64-mingw32-objdump)
llvm=$(objdump_of llvm-objdump)
printf '%s\n' "$result" "-- dbgeng" "$microsoft" "-- llvm-objdump" "$llvm" "-- GNU objdump" "$gnu"
shows "$result" 'eax = 101$'
shows "$microsoft" 'c1f004 +sal +eax,4' ' f7 +\?\?\?' 'c8220000 +enter +22h,0'
shows "$llvm" 'c1 f0[[:space:]]+<unknown>' 'enter'
shows "$gnu" 'shl +eax,0x4' 'test +eax,0x22' 'sete? +al'
