// Comes to an instruction from several threads at once, and is kept from executing it. Usage: obstacles.exe WAY THREADS CALLS; ends with the
// number of times that it came there.
//   fault    it raises an access violation, and the program's handler goes on behind it
//   mend     the same, and the handler has it executed again, which works then: so each call comes there twice
//   sample   another thread suspends the first one, looks and resumes it, all the time
//   trap     it has itself trap behind it, and the program's handler goes on (at other names: trap_at, trap_behind)
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

void store(volatile LONG *to);
void trap_store(volatile LONG *to);
extern char at[], behind[], trap_at[], trap_behind[];
__asm__(".text\n"
        ".globl store\n"
        "store:\n"
        "  nop\n"
        ".globl at\n"
        "at:\n"
        "  movl %ecx, (%rcx)\n"
        ".globl behind\n"
        "behind:\n"
        "  nop\n"
        "  ret\n"
        ".globl trap_store\n"
        "trap_store:\n"
        "  pushf\n"
        "  orl $0x100, (%rsp)\n"
        "  popf\n"
        ".globl trap_at\n"
        "trap_at:\n"
        "  movl %ecx, (%rcx)\n"
        ".globl trap_behind\n"
        "trap_behind:\n"
        "  nop\n"
        "  ret\n");

static volatile LONG g_times, g_done;
static volatile LONG g_place;
static HANDLE g_go;
static int g_calls;
static const char *g_way;

static LONG CALLBACK handle(EXCEPTION_POINTERS *info) {
  if (info->ExceptionRecord->ExceptionCode == EXCEPTION_SINGLE_STEP && info->ContextRecord->Rip == (DWORD64)trap_behind) {
    InterlockedIncrement(&g_times);
    return EXCEPTION_CONTINUE_EXECUTION;
  }
  if (info->ExceptionRecord->ExceptionCode != EXCEPTION_ACCESS_VIOLATION) return EXCEPTION_CONTINUE_SEARCH;
  InterlockedIncrement(&g_times);
  if (!strcmp(g_way, "mend")) info->ContextRecord->Rcx = (DWORD64)&g_place;
  else info->ContextRecord->Rip = (DWORD64)behind;
  return EXCEPTION_CONTINUE_EXECUTION;
}

static DWORD WINAPI work(void *unused) {
  (void)unused;
  WaitForSingleObject(g_go, INFINITE);
  for (int i = 0; i < g_calls; i++) {
    if (!strcmp(g_way, "trap")) {
      trap_store(&g_place);
      continue;
    }
    store(!strcmp(g_way, "sample") ? &g_place : (volatile LONG *)8);
    if (strcmp(g_way, "fault")) InterlockedIncrement(&g_times);
  }
  InterlockedIncrement(&g_done);
  return 0;
}

static DWORD WINAPI sample(void *thread) {
  WaitForSingleObject(g_go, INFINITE);
  while (!g_done && SuspendThread(thread) != (DWORD)-1) {
    CONTEXT context = {.ContextFlags = CONTEXT_CONTROL};
    GetThreadContext(thread, &context);
    ResumeThread(thread);
    SwitchToThread();
  }
  return 0;
}

int main(int argc, char **argv) {
  HANDLE threads[64];
  if (argc < 4) return -1;
  g_way = argv[1];
  int count = atoi(argv[2]);
  g_calls = atoi(argv[3]);
  AddVectoredExceptionHandler(1, handle);
  g_go = CreateEventA(NULL, TRUE, FALSE, NULL);
  for (int i = 0; i < count; i++) threads[i] = CreateThread(NULL, 0x10000, work, NULL, 0, NULL);
  if (!strcmp(g_way, "sample")) CreateThread(NULL, 0x10000, sample, threads[0], 0, NULL);
  SetEvent(g_go);
  for (int i = 0; i < count; i++) WaitForSingleObject(threads[i], INFINITE);
  return (int)g_times;
}
