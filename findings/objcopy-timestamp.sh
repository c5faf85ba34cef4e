#!/usr/bin/env bash
# Software: GNU objcopy and strip 2.44 of mingw (Debian 13), llvm-objcopy and llvm-readobj 19.1.7, a program of
#   mingw's GCC 14.
# Expected: `objcopy in.exe out.exe` copies; `strip` takes symbols away. Neither touches the link time in the PE
#   header: with the image's size it is the key under which a symbol store keeps the file and by which a dump names
#   it. Where a reproducible file is wanted there is -D ("deterministic"); -p is documented to set the file's own
#   dates.
# Seen: both write the time of the copy into the header, so a crash dump of the original no longer finds the copy, nor
#   a dump of the stripped program the unstripped one kept for its symbols. -D changes nothing about that; -p does
#   keep the header's time. llvm-objcopy and llvm-strip keep it in any case.
. "$(dirname "$0")/lib/common.sh"
. "$HERE/lib/windows.sh"
llvm

echo 'int main() { return 0; }' >"$WORK/a.c"
program a
cd "$WORK"
# A link time of long ago, as every released program has; it stands 8 bytes after the header's signature.
header=$(od -An -tu4 -j60 -N4 a.exe | tr -d ' ')
printf '\x15\xcd\x5b\x07' | dd of=a.exe bs=1 seek=$((header + 8)) conv=notrunc status=none
stamp() { llvm-readobj --file-headers "$1" | grep -m1 TimeDateStamp | grep -o '0x[0-9A-F]*'; }
x86_64-w64-mingw32-objcopy --version | head -1
seen="linked: $(stamp a.exe)"$'\n'
for tool in "x86_64-w64-mingw32-objcopy" "x86_64-w64-mingw32-objcopy -D" "x86_64-w64-mingw32-objcopy -p" \
  "x86_64-w64-mingw32-strip" "llvm-objcopy" "llvm-strip"; do
  case $tool in *strip) $tool a.exe -o b.exe ;; *) $tool a.exe b.exe ;; esac
  seen+="$tool: $(stamp b.exe)"$'\n'
done
echo "$seen"
shows "$seen" '^linked: 0x75BCD15$' 'objcopy -p: 0x75BCD15$' '^llvm-objcopy: 0x75BCD15$' '^llvm-strip: 0x75BCD15$' \
  'mingw32-objcopy: 0x[6-9A-F][0-9A-F]{7}$' 'objcopy -D: 0x[6-9A-F][0-9A-F]{7}$' 'mingw32-strip: 0x[6-9A-F][0-9A-F]{7}$'
