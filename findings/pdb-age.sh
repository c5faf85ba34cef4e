#!/usr/bin/env bash
# Software: Microsoft's debugger engine 10.0.29507.1001 (NuGet Microsoft.Debugging.Platform.DbgEng 20260109.1235.0)
#   under Wine 10.0; clang, lld and llvm-pdbutil 19.1.7 of Debian 13.
# Expected: a PDB matches when its GUID and age are those in the program's debug directory; the age is the one beside
#   the GUID, in the PDB's information stream, which is also what `llvm-pdbutil dump --summary` prints as "Age".
# Seen: that age is not looked at: set to 7 for a program that asks for 1, the PDB is taken. The engine compares the
#   second age, in the stream of debug information (DBI): set to 7 there, and left at 1 in the summary, the PDB is
#   refused. The two do differ in real PDBs that tools have rewritten; the one that people see is the wrong one.
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
  symbols->SetSymbolPath(words[3]);
  launch(words[2]);
  wait();
  ULONG64 place;
  printf("%s\n", SUCCEEDED(symbols->GetOffsetByName("shop!order", &place)) ? "taken" : "refused");
  end();
}
C
# Writes a number into a stream of a PDB: a block file whose directory lists the blocks of each stream.
cat >patch.mjs <<'JS'
import { readFileSync, writeFileSync } from "node:fs";
const [stream, offset, value] = process.argv.slice(4).map(Number);
const pdb = readFileSync(process.argv[2]);
const size = pdb.readUInt32LE(32);
const blocksOf = (bytes) => Math.ceil(bytes / size);
const map = pdb.readUInt32LE(52) * size;
const parts = Array.from({ length: blocksOf(pdb.readUInt32LE(44)) }, (_, i) => pdb.readUInt32LE(map + 4 * i) * size);
const directory = Buffer.concat(parts.map((at) => pdb.subarray(at, at + size)));
let index = 1 + directory.readUInt32LE(0);
for (let i = 0; i < stream; i++) index += blocksOf(directory.readUInt32LE(4 + 4 * i));
pdb.writeUInt32LE(value, directory.readUInt32LE(4 * index) * size + offset);
writeFileSync(process.argv[3], pdb);
JS
clang_windows -O1 -g -gcodeview -Wl,--pdb=shop.pdb,-s shop.c -o shop.exe
debugger ask
mv shop.pdb linked.pdb
ask() {
  node patch.mjs linked.pdb shop.pdb "$@"
  echo "summary says $(llvm-pdbutil dump --summary shop.pdb | grep -o 'Age: .*')," \
    "$(run ask.exe "$(engine_folder)" shop.exe "Z:${WORK//\//\\}")"
}
seen="program wants $(llvm-readobj --coff-debug-directory shop.exe | grep -o 'PDBAge: .*')
as linked: $(ask 1 8 1)
information stream 7: $(ask 1 8 7)
DBI stream 7: $(ask 3 8 7)"
echo "$seen"
shows "$seen" '^program wants PDBAge: 1$' '^as linked: summary says Age: 1, taken$' \
  '^information stream 7: summary says Age: 7, taken$' '^DBI stream 7: summary says Age: 1, refused$'
