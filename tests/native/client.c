// client.exe ENGINE_DIR events OUT_FILE [--children] -- COMMAND LINE   records a run, one JSON object per line
//                       silent [--children] -- COMMAND LINE            the same run, but only its end line on stdout
//                       looks|reads -- notes.exe …                     the same, reading 8 bytes and a frame at each of its
//                                                                      exceptions, or all its pages
//                       calls N                                        nanoseconds of the lightest call
//                       dump-reads DUMP N                              reads out of a dump
//                       steps SYMBOL into|over N -- COMMAND LINE       where each step from a function's begin leads; "-": from the first break
//                       attach-cycles PID N                            attaches and lets go N times
//                       debug-cycles PID N                             the same without the engine
//                       write-dump OUT -- COMMAND LINE                 a full dump at the initial break
#include <stdlib.h>

#include "client.h"

// The rest of the command line as it was written: splitting and joining it again would change its quotes.
static wchar_t *command_after_dashes(void) {
  BOOL quoted = FALSE;
  for (wchar_t *at = GetCommandLineW(); *at; at++) {
    if (*at == '"') quoted = !quoted;
    if (!quoted && wcsncmp(at, L" -- ", 4) == 0) return at + 4;
  }
  check(E_INVALIDARG, "looking for -- COMMAND LINE");
  return NULL;
}

// Returns whether a debuggee is left. Nearly every other call may crash the engine when there is none.
static BOOL wait_once(IDebugControl5 *control) {
  ULONG status = DEBUG_STATUS_NO_DEBUGGEE;
  HRESULT result = control->lpVtbl->WaitForEvent(control, 0, INFINITE);
  if (result == E_UNEXPECTED) return FALSE;
  check(result, "WaitForEvent");
  check(control->lpVtbl->GetExecutionStatus(control, &status), "GetExecutionStatus");
  return status != DEBUG_STATUS_NO_DEBUGGEE;
}

// The engine's own filters stop at some exceptions (an access violation, every second chance) whatever the callback
// answers. GO would then call the exception handled and repeat the faulting instruction for ever.
static void go_on(IDebugControl5 *control) {
  ULONG type = 0, process, thread;
  check(control->lpVtbl->GetLastEventInformation(control, &type, &process, &thread, NULL, 0, NULL, NULL, 0, NULL),
        "GetLastEventInformation");
  ULONG status = type == DEBUG_EVENT_EXCEPTION ? DEBUG_STATUS_GO_NOT_HANDLED : DEBUG_STATUS_GO;
  check(control->lpVtbl->SetExecutionStatus(control, status), "SetExecutionStatus");
}

static void run_to_end(const struct engine *engine, wchar_t *command, BOOL with_children) {
  ULONG stops = 0;
  install_callbacks(engine->client);
  LONGLONG start = clock_ticks();
  launch(engine, command, with_children ? DEBUG_PROCESS : DEBUG_ONLY_THIS_PROCESS);
  while (wait_once(engine->control)) {
    stops++;
    go_on(engine->control);
  }
  double total = microseconds_between(start, clock_ticks());
  double first = microseconds_between(start, g_recording.first_event);
  FILE *out = g_recording.out ? g_recording.out : stdout;
  fprintf(out,
          "{\"type\":\"end\",\"exitCode\":%lu,\"events\":%llu,\"stops\":%lu,\"microsecondsTotal\":%.0f,"
          "\"microsecondsToFirstEvent\":%.0f",
          g_recording.root_exit_code, g_recording.events, stops, total, first);
  put_kinds(out);
  put_notes(out);
  fputs("}\n", out);
  if (g_recording.out) fclose(g_recording.out);
}

static FILE *open_output(const wchar_t *path) {
  FILE *out = _wfopen(path, L"wb");
  if (!out) check(HRESULT_FROM_WIN32(GetLastError()), "opening OUT_FILE");
  setvbuf(out, NULL, _IOFBF, 1 << 20);
  return out;
}

static void run_command(const struct engine *engine, int argc, wchar_t **argv) {
  const wchar_t *verb = argv[2];
  BOOL records = wcscmp(verb, L"events") == 0;
  if (records || wcscmp(verb, L"silent") == 0) {
    int next = records ? 4 : 3;
    g_recording.engine = engine;
    g_recording.out = records ? open_output(argv[3]) : NULL;
    run_to_end(engine, command_after_dashes(), argc > next && wcscmp(argv[next], L"--children") == 0);
  } else if (wcscmp(verb, L"looks") == 0 || wcscmp(verb, L"reads") == 0) {
    g_recording.engine = engine;
    choose_notes(wcscmp(verb, L"looks") == 0 ? NOTES_LOOK : NOTES_READ);
    run_to_end(engine, command_after_dashes(), FALSE);
  } else if (wcscmp(verb, L"calls") == 0) {
    measure_calls(engine, _wtoi(argv[3]));
  } else if (wcscmp(verb, L"dump-reads") == 0 && argc > 4) {
    measure_dump_reads(engine, argv[3], _wtoi(argv[4]));
  } else if (wcscmp(verb, L"attach-cycles") == 0 && argc > 4) {
    attach_cycles(engine, (ULONG)_wtoi(argv[3]), _wtoi(argv[4]));
  } else if (wcscmp(verb, L"debug-cycles") == 0 && argc > 4) {
    debug_cycles((DWORD)_wtoi(argv[3]), _wtoi(argv[4]));
  } else if (wcscmp(verb, L"steps") == 0 && argc > 5) {
    char symbol[128];
    snprintf(symbol, sizeof symbol, "%ls", argv[3]);
    ULONG status = wcscmp(argv[4], L"into") == 0 ? DEBUG_STATUS_STEP_INTO : DEBUG_STATUS_STEP_OVER;
    print_steps(engine, symbol, status, _wtoi(argv[5]), command_after_dashes());
  } else if (wcscmp(verb, L"list") == 0) {
    walk_list(engine, command_after_dashes());
  } else if (wcscmp(verb, L"write-dump") == 0) {
    write_dump(engine, argv[3], command_after_dashes());
  } else {
    check(E_INVALIDARG, "reading the arguments");
  }
}

int main(void) {
  int argc;
  wchar_t **argv = CommandLineToArgvW(GetCommandLineW(), &argc);
  if (argc < 4) check(E_INVALIDARG, "reading the arguments");
  struct engine engine = open_engine(argv[1]);
  run_command(&engine, argc, argv);
  fflush(stdout);
  // Not ExitProcess: that runs the engine's own clean-up, which can hold the process for five seconds.
  TerminateProcess(GetCurrentProcess(), 0);
  return 0;
}
