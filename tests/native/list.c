// Walks the list of values.exe, which stops by itself: a node is one read, as a client has it that knows the struct.
#include "client.h"

// shop::Node of values.cpp
struct node {
  ULONG64 next;
  LONG number;
  LONG padding;
};

static void read_memory(const struct engine *engine, ULONG64 address, void *to, ULONG size) {
  ULONG done = 0;
  check(engine->data->lpVtbl->ReadVirtual(engine->data, address, to, size, &done), "ReadVirtual");
  if (done != size) check(E_UNEXPECTED, "ReadVirtual");
}

void walk_list(const struct engine *engine, wchar_t *command) {
  ULONG64 address = 0, nodes = 0;
  LONG64 sum = 0;
  launch(engine, command, DEBUG_ONLY_THIS_PROCESS);
  check(engine->control->lpVtbl->WaitForEvent(engine->control, 0, INFINITE), "WaitForEvent");
  check(engine->symbols->lpVtbl->GetOffsetByName(engine->symbols, "values!g_list", &address), "GetOffsetByName");
  LONGLONG start = clock_ticks();
  read_memory(engine, address, &address, sizeof address);
  while (address) {
    struct node node;
    read_memory(engine, address, &node, sizeof node);
    nodes++;
    sum += node.number;
    address = node.next;
  }
  double total = microseconds_between(start, clock_ticks());
  printf("{\"nodes\":%llu,\"sum\":%lld,\"nodeUs\":%.3f}\n", nodes, sum, total / (double)nodes);
  fflush(stdout);
  engine->client->lpVtbl->TerminateProcesses(engine->client);
}
