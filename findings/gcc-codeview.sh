#!/usr/bin/env bash
# Software: mingw's GCC 14 (14.2.0-19+27+b1) and GNU ld 2.44 of Debian 13, llvm-pdbutil 19.1.7.
# Expected: `gcc -g -gcodeview a.c -Wl,--pdb=a.pdb` makes a PDB with functions, lines and types, as clang does with
#   the same options: -gcodeview is documented as giving CodeView where that is supported; where it is not, the
#   compiler says so.
# Seen: no word of it, not one byte of CodeView in the object file, but DWARF. The linker does write a PDB and names
#   it in the program, so debuggers say that symbols are loaded; it has the names of public functions and no line, no
#   function record, no type.
. "$(dirname "$0")/lib/common.sh"
. "$HERE/lib/windows.sh"
llvm

cd "$WORK"
echo 'int order(int n) { return n + 1; } int main() { return order(-1); }' >a.c
words=$(x86_64-w64-mingw32-gcc -Wall -Wextra -g -gcodeview a.c -o gnu.exe -Wl,--pdb=gnu.pdb 2>&1)
clang_windows -g -gcodeview a.c -o clang.exe -Wl,--pdb=clang.pdb
x86_64-w64-mingw32-gcc -g -gcodeview -c a.c -o both.o
describe() {
  local lines functions publics
  lines=$(llvm-pdbutil dump -l "$1.pdb" | grep -c 'line/addr' || true)
  functions=$(llvm-pdbutil dump --symbols "$1.pdb" 2>/dev/null | grep -c '_GPROC32.*`order`' || true)
  publics=$(llvm-pdbutil dump --publics "$1.pdb" | grep -c '`order`' || true)
  echo "$1.exe names$(llvm-readobj --coff-debug-directory "$1.exe" | grep PDBFileName | sed 's|.*[/ ]| |');" \
    "order has $publics public name, $functions function record; lines: $([ "$lines" -gt 0 ] && echo some || echo none)"
}
seen="GCC says: [$words]
$(describe gnu)
$(describe clang)
-g -gcodeview: $(x86_64-w64-mingw32-objdump -h both.o | grep -oE '\.debug[^ ]*' | tr '\n' ' ')"
x86_64-w64-mingw32-gcc --version | head -1
echo "$seen"
shows "$seen" '^GCC says: \[\]$' '^gnu.exe names gnu.pdb; order has 1 public name, 0 function record; lines: none$' \
  '^clang.exe names clang.pdb; order has 1 public name, 1 function record; lines: some$' '^-g -gcodeview: \.debug_info'
lacks "$seen" 'gcodeview: .*debug\$S'
