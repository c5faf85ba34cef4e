#!/usr/bin/env bash
# Software: the dbghelp.dll of Microsoft's debugger engine 10.0.29507.1001 (NuGet Microsoft.Debugging.Platform.DbgEng 20260109.1235.0)
#   under Wine 10.0; the program is compiled by clang 19.1.7 and linked by its lld, with a PDB.
# Expected: `SymFromNameW` finds the symbol whose name it is given ("the name of the symbol to be located"); where names are patterns, as in
#   `SymEnumTypesByNameW`, a backslash in front of a star, bracket or plus sign makes it stand for itself, by Microsoft's page on their syntax.
# Seen: it takes every name for a pattern. Asked for `take<char *>` and for `take<char **>` it gives one function, TRUE both times; `Vector::operator+`
#   and `Vector::operator[]` are not found. With backslashes nothing is found either: they count only in a pattern that has another wildcard, so
#   `[t]ake<char \*>` finds the function. By name alone it is found by `SymGetTypeFromNameW`, which is for types and takes no name for a pattern.
. "$(dirname "$0")/lib/common.sh"
. "$HERE/lib/windows.sh"
llvm
engine
wine

cat >"$WORK/named.cpp" <<'C'
template <class Type> struct Box { Type held; };
template <class Type> int take(Type given) { return sizeof given; }
struct Vector {
  int at;
  int operator+(int more) { return at + more; }
  int operator[](int index) { return at * index; }
};
Box<char *> single;
Box<char **> twofold;
Vector vector;
int main() { return take(single.held) + take(twofold.held) + (vector + 1) + vector[2]; }
C
(cd "$WORK" && clang_windows -g -gcodeview -Wl,--pdb=named.pdb named.cpp -o named.exe)
cat >"$WORK/names.cpp" <<'C'
#include <windows.h>
#include <dbghelp.h>
#include <stdio.h>
#include <initializer_list>
static const HANDLE process = (HANDLE)1;
static BOOL CALLBACK each(PSYMBOL_INFOW found, ULONG, PVOID) { return printf("  %ls\n", found->Name), TRUE; }
int main(int count, char **words) {
  HMODULE library = LoadLibraryA(words[1]);
#define IMPORT(name) auto p##name = (decltype(&name))(void *)GetProcAddress(library, #name)
  IMPORT(SymInitializeW);
  IMPORT(SymLoadModuleExW);
  IMPORT(SymFromNameW);
  IMPORT(SymGetTypeFromNameW);
  IMPORT(SymEnumTypesByNameW);
  pSymInitializeW(process, L".", FALSE);
  DWORD64 module = pSymLoadModuleExW(process, 0, L"named.exe", 0, 0x140000000, 0, 0, 0);
  struct { SYMBOL_INFOW symbol; WCHAR name[200]; } info;
  auto tell = [&](const char *call, const WCHAR *name, auto find) {
    ZeroMemory(&info, sizeof info);
    info.symbol.SizeOfStruct = sizeof info.symbol;
    info.symbol.MaxNameLen = 200;
    BOOL found = find(&info.symbol);
    printf("%s %ls: %ls%s\n", call, name, found ? info.symbol.Name : L"none", found && info.symbol.Address ? ", with its address" : "");
  };
  for (auto name : {L"take<char *>", L"take<char **>", L"take<char \\*>", L"[t]ake<char \\*>", L"[t]ake<char \\*\\*>", L"Vector::operator+",
                    L"Vector::operator\\+", L"[V]ector::operator\\+", L"Vector::operator[]", L"[V]ector::operator\\[\\]"})
    tell("SymFromNameW", name, [&](SYMBOL_INFOW *symbol) { return pSymFromNameW(process, name, symbol); });
  for (auto name : {L"take<char *>", L"take<char **>", L"Vector::operator+", L"Vector::operator[]", L"Box<char *>", L"[t]ake<char \\*>"})
    tell("SymGetTypeFromNameW", name, [&](SYMBOL_INFOW *symbol) { return pSymGetTypeFromNameW(process, module, name, symbol); });
  for (auto name : {L"Box<char *>", L"Box<char \\*>", L"[B]ox<char \\*>"}) {
    printf("SymEnumTypesByNameW %ls:\n", name);
    pSymEnumTypesByNameW(process, module, (PCSTR)name, each, 0);  // as mingw declares it
  }
}
C
(cd "$WORK" && x86_64-w64-mingw32-g++ -O1 -w -fpermissive -static names.cpp -o names.exe)
says=$(run names.exe "$(engine_folder)\\dbghelp.dll" named.exe)
echo "$says"
# One of these two is wrong, whichever it is.
single=$(grep -F 'SymFromNameW take<char *>: ' <<<"$says")
twofold=$(grep -F 'SymFromNameW take<char **>: ' <<<"$says")
shows "${single#*: }" '^take<char \*\*?>, with its address$'
shows "${single#*: }=${twofold#*: }" '^(.*)=\1$'
shows "$says" '^SymFromNameW take<char \\\*>: none$'
shows "$says" '^SymFromNameW \[t\]ake<char \\\*>: take<char \*>, with' '^SymFromNameW \[t\]ake<char \\\*\\\*>: take<char \*\*>, with'
shows "$says" '^SymFromNameW Vector::operator\+: none$' '^SymFromNameW Vector::operator\\\+: none$'
shows "$says" '^SymFromNameW \[V\]ector::operator\\\+: Vector::operator\+, with'
shows "$says" '^SymFromNameW Vector::operator\[\]: none$' '^SymFromNameW \[V\]ector::operator\\\[\\\]: Vector::operator\[\], with'
shows "$says" '^SymGetTypeFromNameW take<char \*>: take<char \*>, with' '^SymGetTypeFromNameW take<char \*\*>: take<char \*\*>, with'
shows "$says" '^SymGetTypeFromNameW Vector::operator\+: Vector::operator\+, with' '^SymGetTypeFromNameW Box<char \*>: Box<char \*>$'
shows "$says" '^SymGetTypeFromNameW \[t\]ake<char \\\*>: none$'
types=$(tr '\n' ';' <<<"${says#*SymEnumTypesByNameW }")
shows "$types" '^Box<char \*>:.*  Box<char \*\*>;.*Box<char \\\*>:;SymEnum.*\[B\]ox<char \\\*>:;(  Box<char \*>;)+$'
