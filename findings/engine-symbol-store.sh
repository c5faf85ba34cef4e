#!/usr/bin/env bash
# Software: Microsoft's debugger engine 10.0.29507.1001 (NuGet Microsoft.Debugging.Platform.DbgEng 20260109.1235.0)
#   under Wine 10.0; clang, lld and llvm-readobj 19.1.7 of Debian 13.
# Expected: a folder in the layout of a symbol store is written `srv*FOLDER`; given as a plain path the engine looks for
#   NAME.pdb in it, not three folders down. The layout with an index2.txt (one more folder, of the name's first two
#   letters) is as good as the other.
# Seen: that package has no symsrv.dll, so `srv*FOLDER` finds nothing, and no call says so. The plain path does find
#   NAME.pdb/GUID-and-age/NAME.pdb below it. With an index2.txt and the folder in front it finds nothing: that layout is
#   symsrv.dll's alone.
. "$(dirname "$0")/lib/common.sh"
. "$HERE/lib/windows.sh"
llvm
engine
wine

cd "$WORK"
cat >shop.c <<'C'
volatile int sink;
__attribute__((noinline)) int order(int n) { return sink += n; }
int main(int count, char **words) { return order(count); }
C
cat >ask.cpp <<'C'
#include "engine.h"
int main(int count, char **words) {
  open_engine(words[1]);
  control->AddEngineOptions(DEBUG_ENGOPT_INITIAL_BREAK);
  printf("SetSymbolPath %08lx, ", symbols->SetSymbolPath(words[3]));
  launch(words[2]);
  wait();
  ULONG64 place;
  printf("%s\n", SUCCEEDED(symbols->GetOffsetByName("shop!order", &place)) ? "found" : "not found");
  end();
}
C
clang_windows -O1 -g -gcodeview -Wl,--pdb=shop.pdb,-s shop.c -o shop.exe
debugger ask
text=$(llvm-readobj --coff-debug-directory shop.exe)
# The GUID as it is written, without braces and dashes, and the age.
id=$(grep -o 'PDBGUID: .*' <<<"$text" | tr -cd '0-9A-F' | sed 's/^DBGD//; s/^D//')$(grep -o 'PDBAge: .*' <<<"$text" | tr -cd '0-9')
mkdir -p "store/shop.pdb/$id" "tiered/sh/shop.pdb/$id"
cp shop.pdb "store/shop.pdb/$id"
mv shop.pdb "tiered/sh/shop.pdb/$id"
touch tiered/index2.txt
root="Z:${WORK//\//\\}"
ask() { run ask.exe "$(engine_folder)" shop.exe "$1"; }
plain=$(ask "$root\\store")
server=$(ask "srv*$root\\store")
tiered=$(ask "$root\\tiered")
printf '%s\n' "id $id" "the folder: $plain" "srv* and the folder: $server" "one with index2.txt: $tiered"
shows "$plain" '^SetSymbolPath 00000000, found$'
shows "$server" '^SetSymbolPath 00000000, not found$'
shows "$tiered" '^SetSymbolPath 00000000, not found$'
