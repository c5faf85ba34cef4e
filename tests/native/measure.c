// The baseline figures of the benchmark: one light call, reads out of a dump; and the dump to read from.
#include "client.h"

enum { BULK_READS = 64, BULK_SIZE = 1 << 20 };

// GetEngineOptions only copies one field out (GetExecutionStatus as well, GetInterruptTimeout also takes a lock).
void measure_calls(const struct engine *engine, int count) {
  IDebugControl5 *control = engine->control;
  ULONG value = 0;
  LONGLONG start = clock_ticks();
  for (int i = 0; i < count; i++) control->lpVtbl->GetEngineOptions(control, &value);
  double nanoseconds = microseconds_between(start, clock_ticks()) * 1000 / count;
  printf("{\"call\":\"GetEngineOptions\",\"ns\":%.2f}\n", nanoseconds);
}

// The largest piece of readable memory: bulk reads shall not stop at a border.
static MEMORY_BASIC_INFORMATION64 find_bulk(IDebugDataSpaces2 *data) {
  MEMORY_BASIC_INFORMATION64 region, largest = {0};
  ULONG64 at = 0;
  while (data->lpVtbl->QueryVirtual(data, at, &region) == S_OK && region.BaseAddress + region.RegionSize > at) {
    at = region.BaseAddress + region.RegionSize;
    if (region.State == MEM_COMMIT && region.RegionSize > largest.RegionSize) largest = region;
  }
  return largest;
}

static double read_small(const struct engine *engine, int count) {
  ULONG64 stack = 0, value = 0;
  ULONG read = 0;
  check(engine->registers->lpVtbl->GetStackOffset(engine->registers, &stack), "GetStackOffset");
  LONGLONG start = clock_ticks();
  for (int i = 0; i < count; i++) {
    check(engine->data->lpVtbl->ReadVirtual(engine->data, stack, &value, sizeof value, &read), "ReadVirtual");
  }
  return microseconds_between(start, clock_ticks()) * 1000 / count;
}

// Walks through the region in steps of 1 MiB, from the start again when it ends: one spot would stay in the cache.
static double read_bulk(const struct engine *engine, ULONG64 *total) {
  static char buffer[BULK_SIZE];
  MEMORY_BASIC_INFORMATION64 region = find_bulk(engine->data);
  ULONG64 steps = region.RegionSize > BULK_SIZE ? region.RegionSize / BULK_SIZE : 1;
  ULONG read = 0;
  LONGLONG start = clock_ticks();
  for (int i = 0; i < BULK_READS; i++) {
    ULONG64 address = region.BaseAddress + (ULONG64)i % steps * BULK_SIZE;
    check(engine->data->lpVtbl->ReadVirtual(engine->data, address, buffer, BULK_SIZE, &read), "ReadVirtual in bulk");
    *total += read;
  }
  return (double)*total / microseconds_between(start, clock_ticks());
}

void measure_dump_reads(const struct engine *engine, const wchar_t *dump, int count) {
  ULONG64 total = 0;
  check(engine->client->lpVtbl->OpenDumpFileWide(engine->client, dump, 0), "OpenDumpFileWide");
  check(engine->control->lpVtbl->WaitForEvent(engine->control, 0, INFINITE), "WaitForEvent");
  double small = read_small(engine, count);
  double bulk = read_bulk(engine, &total);
  printf("{\"read8Ns\":%.2f,\"bulkMBps\":%.1f,\"bulkBytes\":%llu}\n", small, bulk, total);
}

void write_dump(const struct engine *engine, const wchar_t *path, wchar_t *command) {
  IDebugClient5 *client = engine->client;
  ULONG content = DEBUG_FORMAT_USER_SMALL_FULL_MEMORY | DEBUG_FORMAT_USER_SMALL_FULL_MEMORY_INFO |
                  DEBUG_FORMAT_USER_SMALL_THREAD_INFO | DEBUG_FORMAT_USER_SMALL_UNLOADED_MODULES;
  check(engine->control->lpVtbl->AddEngineOptions(engine->control, DEBUG_ENGOPT_INITIAL_BREAK), "AddEngineOptions");
  launch(engine, command, DEBUG_ONLY_THIS_PROCESS);
  check(engine->control->lpVtbl->WaitForEvent(engine->control, 0, INFINITE), "WaitForEvent");
  check(client->lpVtbl->WriteDumpFileWide(client, path, 0, DEBUG_USER_WINDOWS_SMALL_DUMP, content, NULL),
        "WriteDumpFileWide");
  check(client->lpVtbl->TerminateProcesses(client), "TerminateProcesses");
  check(client->lpVtbl->EndSession(client, DEBUG_END_ACTIVE_TERMINATE), "EndSession");
}
