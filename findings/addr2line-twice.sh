#!/usr/bin/env bash
# Software: GNU addr2line 2.44 of Debian 13; programs of Go 1.24.4 (Debian 13) for Linux and for Windows.
# Expected: the file and line of an address depend on the program and the address, so the same address given twice in
#   one call gives the same answer twice; who symbolizes a stack may ask for one frame alone or for all at once.
# Seen: for about one function of ten the first answer is no line, `??:?` or, on Linux, `go.go:?`, a file that has
#   nothing to do with it, and the second answer is its line. It goes for what is asked first in a call: the same
#   function has its line at once where others were asked before it, so frames that are looked up one by one lose what
#   the whole stack in one call has. No error, exit code 0.
. "$(dirname "$0")/lib/common.sh"
. "$HERE/lib/debian.sh"
unpack_binutils() {
  debian13 libc6 zlib1g libzstd1 libjansson4 libsframe1=2.44-3 libbinutils=2.44-3 binutils-x86-64-linux-gnu=2.44-3 "$1"
  relocate "$1" usr/bin
}
golang
once binutils unpack_binutils
tool() { "$TOOLS/binutils/usr/bin/x86_64-linux-gnu-$1" "${@:2}"; }

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
go_build windows -o windows shop.go

# Each tenth function, asked twice in one call: "SYSTEM NAME: first answer, second answer" where they differ.
ask() {
  tool nm -n "$1" | awk 'tolower($2) == "t" && NR % 10 == 1' | while read -r address _ name; do
    tool addr2line -e "$1" "$address" "$address" | sed 's:[^ ]*/::' | paste -sd ' ' |
      awk -v name="$1 $name" '$1 != $2 { print name ": " $1 ", " $2 }'
  done
}
tool addr2line --version | head -1
seen=
for system in linux windows; do
  functions=$(tool nm -n $system | awk 'tolower($2) == "t" && NR % 10 == 1' | wc -l)
  lines=$(ask $system)
  echo "$lines" | head -5
  seen+="$lines"$'\n'
  echo "$system: $(wc -l <<<"$lines") of $functions functions have two answers"
done
shows "$seen" '^linux .*: (\?\?|go\.go):\?, [a-z0-9_]+\.(s|go):[0-9]+$' '^windows .*: \?\?:\?, [a-z0-9_]+\.(s|go):[0-9]+$'
# The other way round it never happens: the second answer is the one with the line.
lacks "$seen" ':[0-9]+, .*:\?'
