#!/usr/bin/env bash
# Software: Microsoft's debugger engine 10.0.29507.1001 (NuGet Microsoft.Debugging.Platform.DbgEng 20260109.1235.0)
#   under Wine 10.0; the program is compiled by clang 19.1.7 with -O2 and linked by its lld, with a PDB.
# Expected: where the compiler has not kept a caller's local over a call, a debugger says so. x64's calling convention leaves eax to the function that is
#   called: what its caller had there is gone, and what will be returned is not there yet.
# Seen: the local `result` of main, to which the return value will be assigned, is told to be in a register, with what `store` has in
#   eax while it is being executed: 0, its null pointer. The PDB says that `result` is in eax from the return address on, and the engine takes that
#   address for the place where main is, though its functions and lines of frames are those of the address before it.
. "$(dirname "$0")/lib/common.sh"
. "$HERE/lib/windows.sh"
llvm
engine
wine

cat >"$WORK/returned.c" <<'C'
int *volatile nowhere;
volatile int sink;
__attribute__((noinline)) static int store(int value) {
  *nowhere = value * 2;
  return sink;
}
int main(int count, char **words) {
  int result = store(count + 9);
  return result + sink;
}
C
(cd "$WORK" && clang_windows -O2 -g -gcodeview -Wl,--pdb=returned.pdb returned.c -o returned.exe)
cat >"$WORK/locals.cpp" <<'C'
#include "engine.h"
struct Watch : Events {
  STDMETHOD(Exception)(PEXCEPTION_RECORD64, ULONG) { return DEBUG_STATUS_BREAK; }
};
int main(int count, char **words) {
  open_engine(words[1]);
  Watch watch;
  IDebugSymbols5 *scopes;
  check(client->SetEventCallbacks(&watch), "SetEventCallbacks");
  check(client->QueryInterface(IID_IDebugSymbols5, (void **)&scopes), "IDebugSymbols5");
  launch(words[2]);
  wait();
  check(scopes->SetScopeFrameByIndexEx(DEBUG_FRAME_DEFAULT, 1), "SetScopeFrameByIndexEx");
  IDebugSymbolGroup2 *group;
  ULONG number = 0;
  check(symbols->GetScopeSymbolGroup2(DEBUG_SCOPE_GROUP_LOCALS, 0, &group), "GetScopeSymbolGroup2");
  group->GetNumberSymbols(&number);
  for (ULONG i = 0; i < number; i++) {
    char name[64] = "", value[64] = "";
    ULONG in = 0;
    group->GetSymbolName(i, name, sizeof name, 0);
    HRESULT found = group->GetSymbolRegister(i, &in);
    group->GetSymbolValueText(i, value, sizeof value, 0);
    printf("%s: %s, %s\n", name, found == S_OK ? "in a register" : "nowhere", value);
  }
  client->TerminateProcesses();
  end();
}
C
debugger locals
says=$(run locals.exe "$(engine_folder)" returned.exe)
echo "$says"
shows "$says" '^count: nowhere, $' '^result: in a register, 0n0$'
