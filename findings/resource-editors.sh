#!/usr/bin/env bash
# Software: npm packages postject 1.0.0-alpha.6, rcedit 5.0.2 (its Windows program, with UpdateResource of Wine 10.0) and
#   resedit 3.1.0; GCC 14 and windres, GNU objdump 2.44 of mingw, llvm-symbolizer 19.1.7, Wine 10.0, of Debian 13.
# Expected: setting a resource of a program (an icon, a manifest, data) changes its resources; a program with symbols
#   keeps them, or the editor refuses it.
# Seen: resedit refuses it. The other two report success and the program runs as before, but its symbols are gone.
#   They move the sections behind the resources and leave the header's file offset of the symbol table as it was;
#   postject drops the table as well. The names of DWARF's sections are in it: llvm-symbolizer says `??`, with exit
#   code 0, and GNU objdump does not take the file for a program. A program whose symbols are in a PDB has no such table.
. "$(dirname "$0")/lib/common.sh"
. "$HERE/lib/windows.sh"
llvm
wine
once resources npm_packages postject@1.0.0-alpha.6 rcedit@5.0.2 resedit@3.1.0
export PACKAGES=$TOOLS/resources/node_modules

cd "$WORK"
# postject wants its mark in a program, so that this can tell whether it has data.
cat >shop.c <<'C'
#include <stdio.h>
volatile int sink;
volatile const char mark[] = "POSTJECT_SENTINEL_fce680ab2cc467b6e072b8b5df1996b2:0";
__attribute__((noinline)) int order(int n) { return sink += n; }
int main(int count, char **words) { return printf("%d %c\n", order(count), mark[0]), 0; }
C
echo '1 RCDATA BEGIN "first" END' >shop.rc
x86_64-w64-mingw32-windres --preprocessor=cat shop.rc resources.o
program shop -g resources.o
for editor in postject rcedit resedit; do cp shop.exe $editor.exe; done
{
  echo '<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0"></assembly>'
  printf '%10000s\n' ''
} >shop.manifest
cat >postject.cjs <<'JS'
const { inject } = require(process.env.PACKAGES + "/postject");
inject("postject.exe", "NOTE", Buffer.alloc(10000, "n")).then(() => console.log("done"));
JS
cat >resedit.mjs <<'JS'
import { readFileSync } from "node:fs";
const { NtExecutable } = await import(process.env.PACKAGES + "/resedit/dist/index.js");
try {
  NtExecutable.from(readFileSync("resedit.exe"));
} catch (error) { console.log("refused:", error.message); }
JS

address=$(x86_64-w64-mingw32-nm shop.exe | awk '$3 == "order" { print "0x" $1 }')
# NAME: whether it runs, what LLVM knows of the address, and whether GNU objdump takes it.
look() {
  local taken=taken
  x86_64-w64-mingw32-objdump -h "$1.exe" >/dev/null 2>&1 || taken="not a program"
  echo "$1: prints $(run "$1.exe"), $(llvm-symbolizer --obj="$1.exe" "$address" | sed 's:/.*/::' | paste -sd ' '), objdump: $taken"
}
seen="$(look shop)
postject says $(node postject.cjs)
$(look postject)
rcedit says $(run "$PACKAGES/rcedit/bin/rcedit-x64.exe" rcedit.exe --application-manifest shop.manifest && echo done)
$(look rcedit)
resedit says $(node resedit.mjs)"
echo "$seen"
shows "$seen" '^shop: prints 1 P, order shop\.c:4:[0-9]+ , objdump: taken$' '^postject says done$' \
  '^postject: prints 1 P, \?\? \?\?:0:0 , objdump: not a program$' '^rcedit says done$' \
  '^rcedit: prints 1 P, \?\? \?\?:0:0 , objdump: not a program$' '^resedit says refused: .*symbols'
