#!/usr/bin/env bash
# Software: Go 1.24.4, llvm-symbolizer and llvm-dwarfdump 19.1.7, GNU objdump 2.44 of mingw, all of Debian 13.
# Expected: Go writes DWARF into a program for Windows as into one for Linux, and LLVM's tools, which read DWARF in PE
#   files as well (mingw's programs show it), give functions and lines for both.
# Seen: for Linux they do; for Windows there is the function, from the symbol table, at `??:0`, and llvm-dwarfdump finds
#   nothing, each without a word and with exit code 0. Go compresses DWARF, and as PE has no flag for that it names the
#   sections `.zdebug_*`, an older form that LLVM reads no more; GNU objdump reads it. With -ldflags=-compressdwarf=false
#   the line is there.
. "$(dirname "$0")/lib/common.sh"
. "$HERE/lib/windows.sh"
llvm
golang

cd "$WORK"
cat >shop.go <<'GO'
package main

var sink = 3

//go:noinline
func order(n int) int {
	sink += n
	return sink * n
}

func main() { println(order(7)) }
GO
go_build linux -o linux shop.go
go_build windows -o windows.exe shop.go
go_build windows -ldflags=-compressdwarf=false -o plain.exe shop.go
llvm-symbolizer --version | grep version
seen=
for program in linux windows.exe plain.exe; do
  address=0x$(llvm-nm $program | awk '$3 == "main.order" { print $1 }')
  section=$(llvm-readobj --sections $program | grep -o 'Name: [^ ]*debug_line' | sed -n 1p)
  units=$(llvm-dwarfdump --debug-info -r 0 $program | grep -c DW_TAG_compile_unit || true)
  answer=$(llvm-symbolizer --obj=$program "$address" | sed 's:/.*/::' | paste -sd ' ')
  seen+="$program: $section, $units units, $answer"$'\n'
done
seen+="GNU objdump, windows.exe: $(x86_64-w64-mingw32-objdump --dwarf=decodedline windows.exe | grep '^shop\.go ' | sed -n 1p)"
echo "$seen"
shows "$seen" '^linux: Name: \.debug_line, [1-9][0-9]* units, main\.order shop\.go:7:' \
  '^windows\.exe: Name: \.zdebug_line, 0 units, main\.order \?\?:0:0' \
  '^plain\.exe: Name: \.debug_line, [1-9][0-9]* units, main\.order shop\.go:7:' '^GNU .*: shop\.go +[0-9]+ '
