#!/usr/bin/env bash
# Software: clang and lld 19.1.7 and LLVM 19.1.7's llvm-symbolizer, of Debian 13.
# Expected: a program names its PDB by path, GUID and age so that no other build's is taken for it. Kept beside the
#   PDB of a later build, it gets no symbols from it: a debugger says "mismatched pdb".
# Seen: llvm-symbolizer opens what lies at the path and compares nothing. For an address in the old program it
#   answers, with code 0 and no warning, with the function and line that the new build has at that place: here
#   `refund`, a function that the old program does not even contain.
. "$(dirname "$0")/lib/common.sh"
. "$HERE/lib/windows.sh"
llvm

cd "$WORK"
cat >shop.c <<'C'
volatile int sink;
#ifdef LATER
__attribute__((noinline)) int refund(int n) { return sink -= n; }
int main(int count, char **words) { return refund(count); }
#else
__attribute__((noinline)) int order(int n) { return sink += n; }
int main(int count, char **words) { return order(count); }
#endif
C
# -s leaves only the PDB for symbols, as a program of Visual Studio's has it.
build() { clang_windows -O1 -g -gcodeview -Wl,--pdb=shop.pdb,-s "$@"; }
build shop.c -o old.exe
# Its place in the code section, which starts at 1000h.
place=$(llvm-pdbutil dump --symbols shop.pdb | grep -A1 '`order`' | sed -n 's/.*addr = 0001:\([0-9]*\).*/\1/p')
address=$((place + 0x1000))
right=$(llvm-symbolizer --obj=old.exe --relative-address "$address")
build -DLATER shop.c -o new.exe
code=0
wrong=$(llvm-symbolizer --obj=old.exe --relative-address "$address" 2>&1) || code=$?
guid() { grep -o 'GUID: {[^}]*}'; }
llvm-symbolizer --version | grep version
echo "the old program wants $(llvm-readobj --coff-debug-directory old.exe | guid)"
echo "the PDB beside it has $(llvm-pdbutil dump --summary shop.pdb | guid)"
printf '%s\n' "-- with its own PDB" "$right" "-- with the later build's" "$wrong" "exit code $code"
shows "$right" '^order$' 'shop\.c:6'
shows "$wrong" '^refund$' 'shop\.c:3'
[ $code = 0 ] || shows "exit code $code" 'code 0'
