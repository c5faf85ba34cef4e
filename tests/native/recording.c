// Writes each event as one line of JSON, in the order of the callbacks.
#include "client.h"

struct recording g_recording;

// And when exceptions came: of the first the engine makes more than of others.
static void count_kind(const char *type) {
  struct kind *kind = g_recording.kinds;
  while (kind->type && strcmp(kind->type, type) != 0) kind++;
  kind->type = type;
  kind->count++;
  if (strcmp(type, "exception") != 0) return;
  if (kind->count == 1) g_recording.first_exception = clock_ticks();
  if (kind->count == 2) g_recording.second_exception = clock_ticks();
  g_recording.last_exception = clock_ticks();
}

// The system ids are read also when nothing is written: a silent run does the engine's part of the work in full.
ULONG begin_event(const char *type) {
  IDebugSystemObjects *system = g_recording.engine->system;
  ULONG process = 0, thread = 0;
  if (g_recording.events++ == 0) g_recording.first_event = clock_ticks();
  count_kind(type);
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

void put_kinds(FILE *out) {
  const char *separator = "";
  fputs(",\"kinds\":{", out);
  for (const struct kind *kind = g_recording.kinds; kind->type; kind++, separator = ",") {
    fprintf(out, "%s\"%s\":%llu", separator, kind->type, kind->count);
  }
  fprintf(out, "},\"firstToSecondUs\":%.1f,\"secondToLastUs\":%.1f",
          microseconds_between(g_recording.first_exception, g_recording.second_exception),
          microseconds_between(g_recording.second_exception, g_recording.last_exception));
}
