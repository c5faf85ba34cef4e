// What the benchmark's native client does at the exceptions of notes.exe, inside the callback: it reads.
#include "client.h"

enum { NOTES = (int)0xE0004E54, PAGE = 4096, NAME = 512 };

static struct {
  enum note_task task;
  ULONG digest;
  ULONG64 frames;
  double read_us, again_us;
} g_notes;

void choose_notes(enum note_task task) {
  g_notes.task = task;
}

// As scripts/dev/bench/measured/digest.ts has it.
static void digest(const ULONG *words) {
  g_notes.digest = g_notes.digest * 31 + words[0];
  g_notes.digest = g_notes.digest * 31 + words[1];
}

static void read_note(ULONG64 address, ULONG *words) {
  IDebugDataSpaces2 *data = g_recording.engine->data;
  ULONG read = 0;
  check(data->lpVtbl->ReadVirtual(data, address, words, 8, &read), "ReadVirtual");
}

// What program.thread(id).stack(1) asks the engine for: the frame, its name and its line.
static ULONG64 innermost_frame(void) {
  const struct engine *engine = g_recording.engine;
  DEBUG_STACK_FRAME_EX frame;
  wchar_t name[NAME];
  ULONG64 displacement;
  ULONG filled = 0, size, line;
  check(engine->control->lpVtbl->GetStackTraceEx(engine->control, 0, 0, 0, &frame, 1, &filled), "GetStackTraceEx");
  engine->symbols->lpVtbl->GetNameByInlineContextWide(engine->symbols, frame.InstructionOffset, frame.InlineFrameContext,
                                                      name, NAME, &size, &displacement);
  engine->symbols->lpVtbl->GetLineByInlineContextWide(engine->symbols, frame.InstructionOffset, frame.InlineFrameContext,
                                                      &line, name, NAME, &size, &displacement);
  return filled ? frame.InstructionOffset : 0;
}

// The first round reads the pages one after the other, the second the first page again and again.
static double read_pages(ULONG64 base, ULONG64 count, ULONG64 step) {
  LONGLONG start = clock_ticks();
  ULONG words[2];
  for (ULONG64 i = 0; i < count; i++) {
    read_note(base + i * step, words);
    digest(words);
  }
  return microseconds_between(start, clock_ticks()) / (double)count;
}

void look_at_notes(const EXCEPTION_RECORD64 *record) {
  ULONG words[2];
  if ((ULONG)record->ExceptionCode != (ULONG)NOTES) return;
  ULONG64 base = record->ExceptionInformation[1];
  switch (g_notes.task) {
  case NOTES_LOOK:
    read_note(base, words);
    digest(words);
    g_notes.frames += innermost_frame() == record->ExceptionAddress;
    return;
  case NOTES_READ: // the last event counts
    g_notes.digest = 0;
    g_notes.read_us = read_pages(base, record->ExceptionInformation[2], PAGE);
    g_notes.again_us = read_pages(base, record->ExceptionInformation[2], 0);
    return;
  case NOTES_PASS:
    return;
  }
}

void put_notes(FILE *out) {
  if (g_notes.task == NOTES_PASS) return;
  fprintf(out, ",\"digest\":%lu,\"frames\":%llu", g_notes.digest, g_notes.frames);
  if (g_notes.task == NOTES_READ) fprintf(out, ",\"readUs\":%.3f,\"againUs\":%.3f", g_notes.read_us, g_notes.again_us);
}
