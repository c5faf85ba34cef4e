// A debugger client in plain C over the vtables of dbgeng.h: the oracle that the TypeScript API is compared with,
// and the baseline of the benchmark. It links against nothing of dbgeng.
#pragma once

#define CINTERFACE
#include <windows.h>
#include <objbase.h>
#include <shellapi.h>
#include <stdio.h>
#define _Analysis_noreturn_
#include <dbgeng.h>

struct engine {
  IDebugClient5 *client;
  IDebugControl5 *control;
  IDebugSystemObjects *system;
  IDebugDataSpaces2 *data;
  IDebugRegisters *registers;
  IDebugSymbols4 *symbols;
};

enum { KINDS = 16 };

// How many events of a kind there were.
struct kind {
  const char *type;
  unsigned long long count;
};

// What one run has seen so far. `out` is NULL when nothing is to be written.
struct recording {
  const struct engine *engine;
  FILE *out;
  unsigned long long events;
  struct kind kinds[KINDS];
  LONGLONG first_event, first_exception, second_exception, last_exception;
  ULONG root_process;
  ULONG root_exit_code;
};
extern struct recording g_recording;

// engine.c
struct engine open_engine(const wchar_t *folder);
void check(HRESULT result, const char *call);
void launch(const struct engine *engine, wchar_t *command, ULONG flags);
LONGLONG clock_ticks(void);
double microseconds_between(LONGLONG from, LONGLONG to);

// callbacks.c
void install_callbacks(IDebugClient5 *client);

// recording.c
ULONG begin_event(const char *type);
void put_number(const char *key, unsigned long long value);
void put_hex(const char *key, unsigned long long value);
void put_flag(const char *key, BOOL value);
void put_text(const char *key, const wchar_t *text);
void end_event(void);
void put_kinds(FILE *out);

// notes.c
enum note_task { NOTES_PASS, NOTES_LOOK, NOTES_READ };
void choose_notes(enum note_task task);
void look_at_notes(const EXCEPTION_RECORD64 *record);
void put_notes(FILE *out);

// cycles.c
void attach_cycles(const struct engine *engine, ULONG process, int cycles);
void debug_cycles(DWORD process, int cycles);

// steps.c
void print_steps(const struct engine *engine, const char *symbol, ULONG status, int count, wchar_t *command);

// list.c
void walk_list(const struct engine *engine, wchar_t *command);

// measure.c
void measure_calls(const struct engine *engine, int count);
void measure_dump_reads(const struct engine *engine, const wchar_t *dump, int count);
void write_dump(const struct engine *engine, const wchar_t *path, wchar_t *command);
