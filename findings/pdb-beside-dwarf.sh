#!/usr/bin/env bash
# Software: clang and lld 19.1.7, LLVM 19.1.7's llvm-symbolizer and llvm-pdbutil, mingw-w64 12's C runtime, all of
#   Debian 13.
# Expected: a program built with -gcodeview and --pdb has its PDB beside it, named in its debug directory, and is
#   built without DWARF; llvm-symbolizer answers from that PDB: function, file, line, inlined frames. llvm-pdbutil
#   shows them in it.
# Seen: "??" and nothing else. The C runtime's start-up objects (crt2.o) bring DWARF of their own, and where a program
#   has any .debug_info the PDB is not opened at all. After `llvm-strip --strip-debug`, which takes only the runtime's
#   DWARF, the same question is answered, inlined frames and all.
. "$(dirname "$0")/lib/common.sh"
. "$HERE/lib/windows.sh"
llvm

cat >"$WORK/shop.c" <<'C'
volatile int sink;
static inline __attribute__((always_inline)) void inner(int *p) { *p = 1; }
__attribute__((noinline)) void outer(int *p) {
  sink++;
  inner(p);
  sink--;
}
int main(int count, char **words) {
  outer(&count);
  return 0;
}
C
cd "$WORK"
clang_windows -O1 -g -gcodeview -Wl,--pdb=shop.pdb shop.c -o shop.exe
llvm-symbolizer --version | grep version
# The store of inner, inlined into outer.
address=0x$(llvm-objdump -d --no-show-raw-insn shop.exe |
  awk -F: '/movl.*\$0x1, \(%rcx\)/ && !n++ { gsub(/ /, "", $1); print $1 }')
before=$(llvm-symbolizer --obj=shop.exe "$address")
llvm-strip --strip-debug shop.exe -o stripped.exe
after=$(llvm-symbolizer --obj=stripped.exe "$address")
named=$(llvm-readobj --coff-debug-directory shop.exe | grep PDBFileName)
lines=$(llvm-pdbutil dump -l shop.pdb | grep -c 'shop\.c')
echo "-- the debug directory:$named; files of that name in the PDB's lines: $lines"
printf '%s\n' "-- as linked" "$before" "-- without DWARF" "$after"
shows "$before" '^\?\?$'
lacks "$before" 'outer|shop\.c'
shows "$after" '^inner$' '^outer$' 'shop\.c:2:0$' 'shop\.c:5:0$'
