#!/usr/bin/env bash
# Software: Microsoft's debugger engine 10.0.29507.1001 and its dbghelp.dll (NuGet Microsoft.Debugging.Platform.DbgEng 20260109.1235.0)
#   under Wine 10.0; the program is compiled by clang 19.1.7 and linked by its lld for mingw, with a PDB.
# Expected: `SymGetTypeInfo` tells the program's types as they are: `int &&` is a reference, `nullptr_t` has 8 bytes, an enumerator of -1 has the
#   value -1, a virtual base is where the program has it; or the PDB lacks what cannot be told.
# Seen: two are dbghelp's. The PDB has a mode for `&&`, but TI_GET_IS_REFERENCE is 0, and whatever else can be asked is as for `int *`.
#   `nullptr_t` is CodeView's type 0x0103, which LLVM reads as such and dbghelp as a pointer of 2 bytes.
#   Two are clang's. It writes enumerators without their sign: 4294967295 in an `int`, 255 in a `signed char`, as VT_UI4 and as VT_I2, and `??` finds
#   no enumerator for -1. And it gives a virtual base, whose offset mingw has 24 bytes in front of the vtable's address, the index 6 in a table of
#   32-bit numbers: 24 bytes behind it. There the engine reads another offset, and it tells as `root` something that is not, without a word.
. "$(dirname "$0")/lib/common.sh"
. "$HERE/lib/windows.sh"
llvm
engine
wine

cat >"$WORK/typed.cpp" <<'C'
#include <stdio.h>
enum class Small : signed char { minus = -1 };
enum class Usual : int { minus = -1 };
struct Root { int root = 11; };
struct Derived : virtual Root { int own = 12; };
struct Types {
  int *pointer;
  int &reference;
  int &&moved;
  decltype(nullptr) nothing;
};
Small small = Small::minus;
Usual usual = Usual::minus;
Derived derived;
int main() {
  int number = 1;
  Types types = {&number, number, (int &&)number, nullptr};
  printf("program: nullptr_t has %zu bytes, usual is %d, small is %d, root is %d\n", sizeof types.nothing, (int)usual, (int)small, derived.root);
  fflush(stdout);
  __builtin_debugtrap();
}
C
(cd "$WORK" && clang_windows -fno-rtti -g -gcodeview -Wl,--pdb=typed.pdb typed.cpp -o typed.exe)
cat >"$WORK/types.cpp" <<'C'
#include "engine.h"
enum { NAME = 1, LENGTH = 2, TYPE = 3, CHILDREN = 7, VALUE = 11, CHILDREN_COUNT = 13, POINTER_OFFSET = 17, INDEX = 20, VALID = 28, BASE_INDEX = 30,
       IS_REFERENCE = 31, LAST = 37 };  // of IMAGEHLP_SYMBOL_TYPE_INFO
static BOOL(WINAPI *ask)(HANDLE, ULONG64, ULONG, int, void *);
static HANDLE process;
static ULONG64 module;
struct Answer { ULONG64 words[8]; };
static Answer answer(ULONG type, int what) {
  Answer got = {};
  if (!ask(process, module, type, what, &got)) got.words[0] = -1;
  return got;
}
static ULONG number(ULONG type, int what) { return answer(type, what).words[0]; }
struct Children { ULONG count, start, ids[20]; };
static Children children(const char *name) {
  ULONG type;
  check(symbols->GetTypeId(module, name, &type), "GetTypeId");
  // clang writes a name of its own for each type, as for a typedef.
  if (number(type, CHILDREN_COUNT) == (ULONG)-1) type = number(type, TYPE);
  Children all = {number(type, CHILDREN_COUNT)};
  ask(process, module, type, CHILDREN, &all);
  return all;
}
int main(int count, char **words) {
  open_engine(words[1]);
  launch(words[2]);
  wait();
  *(void **)&ask = (void *)GetProcAddress(GetModuleHandleA("dbghelp"), "SymGetTypeInfo");
  check(objects->GetCurrentProcessHandle((ULONG64 *)&process), "GetCurrentProcessHandle");
  check(symbols->GetModuleByModuleName("typed", 0, 0, &module), "GetModuleByModuleName");
  auto members = children("Types");
  auto member = [&](int i) { return number(members.ids[i], TYPE); };
  for (int i = 0; i < 4; i++) {
    const char *names[] = {"int *", "int &", "int &&", "nullptr_t"};
    printf("%s: %lu bytes, reference %lu\n", names[i], number(member(i), LENGTH), number(member(i), IS_REFERENCE));
  }
  int asked = 0, same = 0;
  for (int i = 0; i <= LAST; i++) {
    if (i == NAME || i == CHILDREN || i == VALUE || i == INDEX || i == VALID) continue;
    Answer pointer = answer(member(0), i), moved = answer(member(2), i);
    asked++;
    same += !memcmp(&pointer, &moved, sizeof pointer);
  }
  printf("int && and int * are told alike: %s\n", same == asked ? "yes" : "no");
  for (const char *name : {"Usual", "Small"}) {
    Answer value = answer(children(name).ids[0], VALUE);
    printf("%s::minus: VARIANT of type %u, %lld\n", name, (USHORT)value.words[0], value.words[1]);
  }
  ULONG base = children("Derived").ids[0];
  printf("Root: pointer at %lu, index %lu\n", number(base, POINTER_OFFSET), number(base, BASE_INDEX));
  Printer printer;
  client->SetOutputCallbacks(&printer);
  fflush(stdout);
  for (const char *command : {"?? typed!usual", "?? typed!derived.root"}) execute(command);
  client->TerminateProcesses();
  end();
}
C
debugger types
pdb=$(llvm-pdbutil dump -types "$WORK/typed.pdb" | grep -E 'mode = rvalue|LF_ENUMERATE|0x0103|vbptr offset')
says=$(run types.exe "$(engine_folder)" typed.exe)
echo "$pdb"
echo "$says"
shows "$pdb" 'mode = rvalue ref' '\[minus = 4294967295\]' '\[minus = 255\]' '`nothing`, Type = 0x0103 \(std::nullptr_t\)' 'vbptr offset = 0, vtable index = 6$'
shows "$says" '^program: nullptr_t has 8 bytes, usual is -1, small is -1, root is 11$'
shows "$says" '^int \*: 8 bytes, reference 0$' '^int &: 8 bytes, reference 1$' '^int &&: 8 bytes, reference 0$' '^int && and int \* are told alike: yes$'
shows "$says" '^nullptr_t: 2 bytes, '
shows "$says" '^Usual::minus: VARIANT of type 19, 4294967295$' '^Small::minus: VARIANT of type 2, 255$' '^Usual 0n-1 \(No matching enumerant\)'
shows "$says" '^Root: pointer at 0, index 6$' '^int 0n'
lacks "$says" '^int 0n11$'
