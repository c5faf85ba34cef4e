// Writes each event as one line of JSON, in the order of the callbacks.
#include "client.h"

struct recording g_recording;

// The system ids are read also when nothing is written: a silent run does the engine's part of the work in full.
ULONG begin_event(const char *type) {
  IDebugSystemObjects *system = g_recording.engine->system;
  ULONG process = 0, thread = 0;
  if (g_recording.events++ == 0) g_recording.first_event = clock_ticks();
  system->lpVtbl->GetCurrentProcessSystemId(system, &process);
  system->lpVtbl->GetCurrentThreadSystemId(system, &thread);
  if (!g_recording.root_process) g_recording.root_process = process;
  if (g_recording.out) fprintf(g_recording.out, "{\"type\":\"%s\",\"pid\":%lu,\"tid\":%lu", type, process, thread);
  return process;
}

void put_number(const char *key, unsigned long long value) {
  if (g_recording.out) fprintf(g_recording.out, ",\"%s\":%llu", key, value);
}

void put_hex(const char *key, unsigned long long value) {
  if (g_recording.out) fprintf(g_recording.out, ",\"%s\":\"0x%llx\"", key, value);
}

void put_flag(const char *key, BOOL value) {
  if (g_recording.out) fprintf(g_recording.out, ",\"%s\":%s", key, value ? "true" : "false");
}

// Escapes all but printable ASCII as UTF-16 units: lone surrogates survive that, UTF-8 would lose them.
void put_text(const char *key, const wchar_t *text) {
  FILE *out = g_recording.out;
  if (!out) return;
  if (!text) {
    fprintf(out, ",\"%s\":null", key);
    return;
  }
  fprintf(out, ",\"%s\":\"", key);
  for (; *text; text++) {
    if (*text == '"' || *text == '\\') fprintf(out, "\\%c", (char)*text);
    else if (*text < 0x20 || *text > 0x7e) fprintf(out, "\\u%04x", (unsigned)*text);
    else fputc((char)*text, out);
  }
  fputc('"', out);
}

void end_event(void) {
  if (g_recording.out) fputs("}\n", g_recording.out);
}
