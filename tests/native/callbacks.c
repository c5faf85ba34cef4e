// The event and output callbacks: each event is recorded, and the target runs on as it would without a debugger.
#include "client.h"

// E_NOINTERFACE to all that is not implemented: the engine asks for more and would call into it.
static HRESULT answer_query(REFIID wanted, REFIID own, void *self, void **found) {
  BOOL known = IsEqualIID(wanted, own) || IsEqualIID(wanted, &IID_IUnknown);
  *found = known ? self : NULL;
  return known ? S_OK : E_NOINTERFACE;
}

static HRESULT STDMETHODCALLTYPE query_events(IDebugEventCallbacksWide *self, REFIID iid, void **found) {
  return answer_query(iid, &IID_IDebugEventCallbacksWide, self, found);
}

// The objects are static: nobody counts their references.
static ULONG STDMETHODCALLTYPE count_events(IDebugEventCallbacksWide *self) {
  (void)self;
  return 1;
}

static HRESULT STDMETHODCALLTYPE interest_mask(IDebugEventCallbacksWide *self, ULONG *mask) {
  (void)self;
  *mask = DEBUG_EVENT_BREAKPOINT | DEBUG_EVENT_EXCEPTION | DEBUG_EVENT_CREATE_THREAD | DEBUG_EVENT_EXIT_THREAD |
          DEBUG_EVENT_CREATE_PROCESS | DEBUG_EVENT_EXIT_PROCESS | DEBUG_EVENT_LOAD_MODULE |
          DEBUG_EVENT_UNLOAD_MODULE | DEBUG_EVENT_SYSTEM_ERROR;
  return S_OK;
}

static HRESULT STDMETHODCALLTYPE breakpoint(IDebugEventCallbacksWide *self, IDebugBreakpoint2 *breakpoint) {
  ULONG id = 0;
  (void)self;
  breakpoint->lpVtbl->GetId(breakpoint, &id);
  begin_event("breakpoint");
  put_number("id", id);
  end_event();
  return DEBUG_STATUS_GO;
}

static HRESULT STDMETHODCALLTYPE exception(IDebugEventCallbacksWide *self, EXCEPTION_RECORD64 *record, ULONG first) {
  (void)self;
  begin_event("exception");
  put_hex("code", (ULONG)record->ExceptionCode);
  put_flag("firstChance", first != 0);
  put_hex("address", record->ExceptionAddress);
  end_event();
  look_at_notes(record);
  return DEBUG_STATUS_GO_NOT_HANDLED;
}

static HRESULT STDMETHODCALLTYPE create_thread(IDebugEventCallbacksWide *self, ULONG64 handle, ULONG64 data,
                                               ULONG64 start) {
  (void)self, (void)handle, (void)data;
  begin_event("createThread");
  put_hex("startAddress", start);
  end_event();
  return DEBUG_STATUS_GO;
}

static HRESULT STDMETHODCALLTYPE exit_thread(IDebugEventCallbacksWide *self, ULONG code) {
  (void)self;
  begin_event("exitThread");
  put_number("exitCode", code);
  end_event();
  return DEBUG_STATUS_GO;
}

static void put_module(const wchar_t *name, const wchar_t *image, ULONG64 base, ULONG size) {
  put_text("name", name);
  put_text("image", image);
  put_hex("base", base);
  put_number("size", size);
}

static HRESULT STDMETHODCALLTYPE create_process(IDebugEventCallbacksWide *self, ULONG64 file, ULONG64 handle,
                                                ULONG64 base, ULONG size, PCWSTR name, PCWSTR image, ULONG checksum,
                                                ULONG stamp, ULONG64 thread, ULONG64 data, ULONG64 start) {
  (void)self, (void)file, (void)handle, (void)checksum, (void)stamp, (void)thread, (void)data, (void)start;
  begin_event("createProcess");
  put_module(name, image, base, size);
  end_event();
  return DEBUG_STATUS_GO;
}

static HRESULT STDMETHODCALLTYPE exit_process(IDebugEventCallbacksWide *self, ULONG code) {
  (void)self;
  if (begin_event("exitProcess") == g_recording.root_process) g_recording.root_exit_code = code;
  put_number("exitCode", code);
  end_event();
  return DEBUG_STATUS_GO;
}

static HRESULT STDMETHODCALLTYPE load_module(IDebugEventCallbacksWide *self, ULONG64 file, ULONG64 base, ULONG size,
                                             PCWSTR name, PCWSTR image, ULONG checksum, ULONG stamp) {
  (void)self, (void)file, (void)checksum, (void)stamp;
  begin_event("loadModule");
  put_module(name, image, base, size);
  end_event();
  return DEBUG_STATUS_GO;
}

static HRESULT STDMETHODCALLTYPE unload_module(IDebugEventCallbacksWide *self, PCWSTR image, ULONG64 base) {
  (void)self;
  begin_event("unloadModule");
  put_text("image", image);
  put_hex("base", base);
  end_event();
  return DEBUG_STATUS_GO;
}

static HRESULT STDMETHODCALLTYPE system_error(IDebugEventCallbacksWide *self, ULONG error, ULONG level) {
  (void)self;
  begin_event("systemError");
  put_number("error", error);
  put_number("level", level);
  end_event();
  return DEBUG_STATUS_GO;
}

static HRESULT STDMETHODCALLTYPE session_status(IDebugEventCallbacksWide *self, ULONG status) {
  (void)self, (void)status;
  return S_OK;
}

static HRESULT STDMETHODCALLTYPE change_state(IDebugEventCallbacksWide *self, ULONG flags, ULONG64 argument) {
  (void)self, (void)flags, (void)argument;
  return S_OK;
}

static HRESULT STDMETHODCALLTYPE query_output(IDebugOutputCallbacksWide *self, REFIID iid, void **found) {
  return answer_query(iid, &IID_IDebugOutputCallbacksWide, self, found);
}

static ULONG STDMETHODCALLTYPE count_output(IDebugOutputCallbacksWide *self) {
  (void)self;
  return 1;
}

static HRESULT STDMETHODCALLTYPE output(IDebugOutputCallbacksWide *self, ULONG mask, PCWSTR text) {
  (void)self;
  if (!(mask & DEBUG_OUTPUT_DEBUGGEE)) return S_OK;
  begin_event("output");
  put_text("text", text);
  end_event();
  return S_OK;
}

static IDebugEventCallbacksWideVtbl event_methods = {
    .QueryInterface = query_events,
    .AddRef = count_events,
    .Release = count_events,
    .GetInterestMask = interest_mask,
    .Breakpoint = breakpoint,
    .Exception = exception,
    .CreateThread = create_thread,
    .ExitThread = exit_thread,
    .CreateProcess = create_process,
    .ExitProcess = exit_process,
    .LoadModule = load_module,
    .UnloadModule = unload_module,
    .SystemError = system_error,
    .SessionStatus = session_status,
    .ChangeDebuggeeState = change_state,
    .ChangeEngineState = change_state,
    .ChangeSymbolState = change_state,
};
static IDebugOutputCallbacksWideVtbl output_methods = {query_output, count_output, count_output, output};
static IDebugEventCallbacksWide event_object = {&event_methods};
static IDebugOutputCallbacksWide output_object = {&output_methods};

void install_callbacks(IDebugClient5 *client) {
  check(client->lpVtbl->SetEventCallbacksWide(client, &event_object), "SetEventCallbacksWide");
  check(client->lpVtbl->SetOutputMask(client, DEBUG_OUTPUT_DEBUGGEE), "SetOutputMask");
  check(client->lpVtbl->SetOutputCallbacksWide(client, &output_object), "SetOutputCallbacksWide");
}
