// What the engine's clients share: the engine opened by full path, and callbacks that do nothing. C++, for mingw's g++.
#pragma once
#include <windows.h>
#include <objbase.h>
#include <initguid.h>
#define __in
#define __out
#define _Analysis_noreturn_
#include <dbgeng.h>
#undef __in
#undef __out
#include <stdio.h>
#include <initializer_list>

static IDebugClient5 *client;
static IDebugControl4 *control;
static IDebugSymbols3 *symbols;
static IDebugSystemObjects *objects;

static void check(HRESULT result, const char *call) {
  if (SUCCEEDED(result)) return;
  printf("%s: 0x%08lx\n", call, (unsigned long)result);
  fflush(stdout);
  TerminateProcess(GetCurrentProcess(), 2);
}

// The program ends by this: the engine's own clean-up may hold a process for seconds.
static void end() {
  fflush(stdout);
  TerminateProcess(GetCurrentProcess(), 0);
}

// dbgeng.dll finds its dependants only when they are loaded already, hence this order.
static void open_engine(const char *folder) {
  HMODULE library = 0;
  for (const char *name : {"dbgcore", "dbghelp", "dbgmodel", "dbgeng"}) {
    char path[MAX_PATH];
    snprintf(path, sizeof path, "%s\\%s.dll", folder, name);
    library = LoadLibraryA(path);
    if (!library) check(HRESULT_FROM_WIN32(GetLastError()), path);
  }
  auto create = (HRESULT(STDAPICALLTYPE *)(REFIID, void **))(void *)GetProcAddress(library, "DebugCreate");
  check(create(IID_IDebugClient5, (void **)&client), "DebugCreate");
  check(client->QueryInterface(IID_IDebugControl4, (void **)&control), "IDebugControl4");
  check(client->QueryInterface(IID_IDebugSymbols3, (void **)&symbols), "IDebugSymbols3");
  check(client->QueryInterface(IID_IDebugSystemObjects, (void **)&objects), "IDebugSystemObjects");
}

static HRESULT execute(const char *command) {
  return control->Execute(DEBUG_OUTCTL_THIS_CLIENT, command, DEBUG_EXECUTE_NOT_LOGGED | DEBUG_EXECUTE_NO_REPEAT);
}

// The launch is carried out by the next wait, so the command line has to live that long.
static void launch(char *command) {
  check(client->CreateProcess(0, command, DEBUG_ONLY_THIS_PROCESS), "CreateProcess");
}

// Whether a program is left. Without one nearly no call into the engine is safe.
static bool wait(ULONG milliseconds = INFINITE) {
  ULONG status = DEBUG_STATUS_NO_DEBUGGEE;
  HRESULT result = control->WaitForEvent(0, milliseconds);
  if (result == E_UNEXPECTED) return false;
  check(result, "WaitForEvent");
  check(control->GetExecutionStatus(&status), "GetExecutionStatus");
  return status != DEBUG_STATUS_NO_DEBUGGEE;
}

static void go(ULONG how = DEBUG_STATUS_GO) { check(control->SetExecutionStatus(how), "SetExecutionStatus"); }

struct Events : DebugBaseEventCallbacks {
  STDMETHOD_(ULONG, AddRef)() { return 1; }
  STDMETHOD_(ULONG, Release)() { return 1; }
  STDMETHOD(GetInterestMask)(PULONG mask) {
    *mask = DEBUG_EVENT_BREAKPOINT | DEBUG_EVENT_EXCEPTION | DEBUG_EVENT_CREATE_PROCESS | DEBUG_EVENT_LOAD_MODULE |
            DEBUG_EVENT_EXIT_PROCESS | DEBUG_EVENT_CREATE_THREAD | DEBUG_EVENT_EXIT_THREAD;
    return S_OK;
  }
  STDMETHOD(CreateProcess)(ULONG64, ULONG64, ULONG64, ULONG, PCSTR, PCSTR, ULONG, ULONG, ULONG64, ULONG64, ULONG64) {
    return DEBUG_STATUS_NO_CHANGE;
  }
};

struct Printer : IDebugOutputCallbacks {
  STDMETHOD_(ULONG, AddRef)() { return 1; }
  STDMETHOD_(ULONG, Release)() { return 1; }
  STDMETHOD(QueryInterface)(REFIID id, void **found) {
    if (!IsEqualGUID(id, IID_IUnknown) && !IsEqualGUID(id, IID_IDebugOutputCallbacks)) return E_NOINTERFACE;
    *found = this;
    return S_OK;
  }
  STDMETHOD(Output)(ULONG, PCSTR text) { return printf("%s", text), S_OK; }
};
