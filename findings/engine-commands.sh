#!/usr/bin/env bash
# Software: Microsoft's debugger engine 10.0.29507.1001 (NuGet Microsoft.Debugging.Platform.DbgEng 20260109.1235.0)
#   under Wine 10.0; the program is compiled by mingw's GCC 14.
# Expected: IDebugControl::Execute gives a failing HRESULT for a command that fails, S_OK for one that was carried
#   out.
# Seen: it depends on the command. `ed 0 1` (memory that is not there), `? nosuch` and an unknown command fail with
#   0x80040205; `dd 0` on the same memory, `bp program!nosuch` (sets nothing), `!nosuch`, `.load nosuch` and `dx
#   nosuch` print their error and give S_OK. Only the output tells.
. "$(dirname "$0")/lib/common.sh"
. "$HERE/lib/windows.sh"
mingw
engine
wine

echo 'int main() { return 0; }' >"$WORK/program.c"
cat >"$WORK/try.cpp" <<'C'
#include "engine.h"
#include <string>
static std::string said;
struct Listener : Printer {
  STDMETHOD(Output)(ULONG, PCSTR text) { return said += text, S_OK; }
} output;
int main(int count, char **words) {
  open_engine(words[1]);
  control->AddEngineOptions(DEBUG_ENGOPT_INITIAL_BREAK);
  launch(words[2]);
  wait();
  client->SetOutputCallbacks(&output);
  for (const char *command : {"? 1 + 1", "nosuch", "? nosuch", "ed 0 1", "dd 0 L1", "bp program!nosuch", "!nosuch",
                              ".load nosuch", "dx nosuch"}) {
    said = "";
    HRESULT result = execute(command);
    bool complains = false;
    for (const char *word : {"rror", "???", "No export"}) complains |= said.find(word) != said.npos;
    printf("%-18s %08lx %s\n", command, result, complains ? "complains" : "content");
  }
  ULONG breakpoints;
  control->GetNumberBreakpoints(&breakpoints);
  printf("breakpoints %lu\n", breakpoints);
  end();
}
C
program program
debugger try
seen=$(run try.exe "$(engine_folder)" program.exe)
echo "$seen"
shows "$seen" '^\? 1 \+ 1 +00000000 content' '^nosuch +80040205 complains' '^\? nosuch +80040205 complains' \
  '^ed 0 1 +80040205 complains' \
  '^dd 0 L1 +00000000 complains' '^bp program!nosuch +00000000 complains' '^!nosuch +00000000 complains' \
  '^\.load nosuch +00000000 complains' '^dx nosuch +00000000 complains' '^breakpoints 0'
