#!/usr/bin/env bash
# Software: Microsoft's debugger engine 10.0.29507.1001 (NuGet Microsoft.Debugging.Platform.DbgEng 20260109.1235.0)
#   under Wine 10.0; programs by mingw's GCC 14.
# Expected: the module of order-core.exe is called "order-core" or "order_core", in the CreateProcess callback
#   (documented to give the module's name) as in the engine's lists; a copy of the file under another name goes by
#   that name, for names are what `bp MODULE!FUNCTION` needs.
# Seen: the callback says "order-core", the engine "order_core". A copy saved as renamed.exe of a program whose export
#   directory says original.exe is "original" to both; `bp renamed!tick` still gives S_OK and never hits.
. "$(dirname "$0")/lib/common.sh"
. "$HERE/lib/windows.sh"
mingw
engine
wine

cat >"$WORK/order-core.c" <<'C'
int main() { return 0; }
C
cat >"$WORK/original.c" <<'C'
volatile int total;
__declspec(dllexport) __declspec(noinline) void tick(int n) { total += n; }
int main() {
  for (int i = 0; i < 5; i++) tick(i);
  return 0;
}
C
cat >"$WORK/names.cpp" <<'C'
#include "engine.h"
static int hits;
struct Names : Events {
  STDMETHOD(CreateProcess)(ULONG64, ULONG64, ULONG64, ULONG, PCSTR name, PCSTR, ULONG, ULONG, ULONG64, ULONG64, ULONG64) {
    printf("the callback says %s\n", name);
    return DEBUG_STATUS_NO_CHANGE;
  }
  STDMETHOD(Breakpoint)(PDEBUG_BREAKPOINT) { return hits++, DEBUG_STATUS_GO; }
} events;
int main(int count, char **words) {
  open_engine(words[1]);
  client->SetEventCallbacks(&events);
  control->AddEngineOptions(DEBUG_ENGOPT_INITIAL_BREAK);
  launch(words[2]);
  wait();
  ULONG64 base;
  char name[99];
  symbols->GetModuleByIndex(0, &base);
  symbols->GetModuleNameString(DEBUG_MODNAME_MODULE, 0, base, name, sizeof name, 0);
  printf("the engine says %s\n", name);
  if (count > 3) printf("%s: %08lx\n", words[3], execute(words[3]));
  for (bool left = true; left; left = wait()) go();
  printf("hits %d\n", hits);
  end();
}
C
program order-core
program original
cp "$WORK/original.exe" "$WORK/renamed.exe"
debugger names
plain=$(run names.exe "$(engine_folder)" order-core.exe)
renamed=$(run names.exe "$(engine_folder)" renamed.exe 'bp renamed!tick')
original=$(run names.exe "$(engine_folder)" renamed.exe 'bp original!tick')
printf '%s\n' "-- order-core.exe" "$plain" "-- renamed.exe" "$renamed" "-- renamed.exe" "$original"
shows "$plain" 'callback says order-core$' 'engine says order_core$'
shows "$renamed" 'callback says original$' 'engine says original$' '^bp renamed!tick: 00000000$' '^hits 0$'
shows "$original" '^hits 5$'
