#!/usr/bin/env bash
# Software: Microsoft's debugger engine 10.0.29507.1001 (NuGet Microsoft.Debugging.Platform.DbgEng 20260109.1235.0)
#   under Wine 10.0; the program is compiled by clang 19.1.7 and linked by its lld, with a PDB.
# Expected: `IDebugSymbols3::SetScopeFrameByIndex(i)` makes the i-th frame of `GetStackTraceEx` the scope, so that its parameters are those of the
#   function that this frame is in: Microsoft's page speaks of one index, "counting from zero, which is the current frame".
# Seen: the stack has frames of inlined functions, the index leaves them out. Where `store` and `twice` are inlined into `leaf`, frame 1 is `twice`,
#   whose parameter is 10; the scope 1 is `middle`, two frames further out. `SetScopeFrameByIndexEx` with DEBUG_FRAME_DEFAULT counts as the stack does.
. "$(dirname "$0")/lib/common.sh"
. "$HERE/lib/windows.sh"
llvm
engine
wine

cat >"$WORK/nested.c" <<'C'
#define INLINED __attribute__((always_inline)) static inline
#define CALLED __attribute__((noinline)) static
volatile int sink;
int *volatile nowhere;
INLINED int store(int stored) { return *nowhere = stored; }
INLINED int twice(int doubled) { return store(doubled * 2) + 1; }
CALLED int leaf(int leaf_value) { return sink = twice(leaf_value); }
CALLED int middle(int middle_value) { return leaf(middle_value / 4) + sink; }
int main(int count, char **words) { return middle(count + 39) + sink; }
C
(cd "$WORK" && clang_windows -O2 -g -gcodeview -Wl,--pdb=nested.pdb nested.c -o nested.exe)
cat >"$WORK/scopes.cpp" <<'C'
#include "engine.h"
struct Watch : Events {
  STDMETHOD(Exception)(PEXCEPTION_RECORD64, ULONG) { return DEBUG_STATUS_BREAK; }
};
static void names(const char *how, ULONG frame) {
  IDebugSymbolGroup2 *group;
  ULONG count = 0;
  char name[64] = "";
  check(symbols->GetScopeSymbolGroup2(DEBUG_SCOPE_GROUP_ARGUMENTS, 0, &group), "GetScopeSymbolGroup2");
  group->GetNumberSymbols(&count);
  if (count) group->GetSymbolName(0, name, sizeof name, 0);
  printf("%s %lu: %s\n", how, frame, name);
}
int main(int count, char **words) {
  open_engine(words[1]);
  Watch watch;
  IDebugControl5 *stacks;
  IDebugSymbols5 *scopes;
  check(client->SetEventCallbacks(&watch), "SetEventCallbacks");
  check(client->QueryInterface(IID_IDebugControl5, (void **)&stacks), "IDebugControl5");
  check(client->QueryInterface(IID_IDebugSymbols5, (void **)&scopes), "IDebugSymbols5");
  launch(words[2]);
  wait();
  DEBUG_STACK_FRAME_EX frames[4];
  ULONG filled = 0;
  check(stacks->GetStackTraceEx(0, 0, 0, frames, 4, &filled), "GetStackTraceEx");
  for (ULONG i = 0; i < filled; i++) {
    char name[64] = "";
    scopes->GetNameByInlineContext(frames[i].InstructionOffset, frames[i].InlineFrameContext, name, sizeof name, 0, 0);
    printf("frame %lu: %s\n", i, name);
  }
  for (ULONG i = 0; i < 2; i++) {
    check(symbols->SetScopeFrameByIndex(i), "SetScopeFrameByIndex");
    names("SetScopeFrameByIndex", i);
    check(scopes->SetScopeFrameByIndexEx(DEBUG_FRAME_DEFAULT, i), "SetScopeFrameByIndexEx");
    names("SetScopeFrameByIndexEx", i);
  }
  client->TerminateProcesses();
  end();
}
C
debugger scopes
says=$(run scopes.exe "$(engine_folder)" nested.exe)
echo "$says"
shows "$says" '^frame 0: nested!store$' '^frame 1: nested!twice$' '^frame 2: nested!leaf$' '^frame 3: nested!middle$'
shows "$says" '^SetScopeFrameByIndex 0: leaf_value$' '^SetScopeFrameByIndex 1: middle_value$'
shows "$says" '^SetScopeFrameByIndexEx 0: stored$' '^SetScopeFrameByIndexEx 1: doubled$'
