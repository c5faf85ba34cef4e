// Opens the engine by full path and launches programs under it.
#include <initguid.h>

#include "client.h"

typedef HRESULT(STDAPICALLTYPE *debug_create)(REFIID, void **);

void check(HRESULT result, const char *call) {
  if (SUCCEEDED(result)) return;
  fprintf(stderr, "{\"error\":\"%s\",\"hresult\":\"0x%08lx\"}\n", call, (unsigned long)result);
  fflush(stderr);
  ExitProcess(2);
}

static HMODULE load_library(const wchar_t *folder, const wchar_t *name) {
  wchar_t path[MAX_PATH];
  _snwprintf(path, MAX_PATH, L"%ls\\%ls", folder, name);
  HMODULE library = LoadLibraryW(path);
  if (!library) {
    fprintf(stderr, "{\"error\":\"LoadLibraryW %ls\\\\%ls\",\"code\":%lu}\n", folder, name, GetLastError());
    ExitProcess(2);
  }
  return library;
}

static void *query(IDebugClient5 *client, REFIID iid, const char *name) {
  void *found = NULL;
  check(client->lpVtbl->QueryInterface(client, iid, &found), name);
  return found;
}

// dbgeng.dll finds its dependants only when they are loaded already: hence this order.
struct engine open_engine(const wchar_t *folder) {
  load_library(folder, L"dbgcore.dll");
  load_library(folder, L"dbghelp.dll");
  load_library(folder, L"dbgmodel.dll");
  HMODULE library = load_library(folder, L"dbgeng.dll");
  debug_create create = (debug_create)(void *)GetProcAddress(library, "DebugCreate");
  IDebugClient5 *client = NULL;
  check(create(&IID_IDebugClient5, (void **)&client), "DebugCreate");
  return (struct engine){
      client,
      query(client, &IID_IDebugControl5, "IDebugControl5"),
      query(client, &IID_IDebugSystemObjects, "IDebugSystemObjects"),
      query(client, &IID_IDebugDataSpaces2, "IDebugDataSpaces2"),
      query(client, &IID_IDebugRegisters, "IDebugRegisters"),
      query(client, &IID_IDebugSymbols4, "IDebugSymbols4"),
  };
}

// The next wait carries the launch out: `command` has to live until then.
void launch(const struct engine *engine, wchar_t *command, ULONG flags) {
  check(engine->client->lpVtbl->CreateProcessWide(engine->client, 0, command, flags), "CreateProcessWide");
}

LONGLONG clock_ticks(void) {
  LARGE_INTEGER now;
  QueryPerformanceCounter(&now);
  return now.QuadPart;
}

double microseconds_between(LONGLONG from, LONGLONG to) {
  LARGE_INTEGER frequency;
  QueryPerformanceFrequency(&frequency);
  return (double)(to - from) * 1e6 / (double)frequency.QuadPart;
}
