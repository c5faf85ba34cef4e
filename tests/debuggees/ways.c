// Comes to visit() and leaves it in a way of its own, from several threads at once.
//   ways WAY THREADS CALLS   each thread does it so many times; ends with the number of visits
// WAY: adjacent  past four instructions in a row, which have names: row0 to row3
//      apc       in an asynchronous procedure call, which its thread queues for itself
//      fiber     in two fibers of the thread, in turn
//      handler   and raises an exception, which it handles itself
//      jump      where longjmp leads away
//      own       between break instructions of its own: visit_before and visit_behind
//      tail      by a jump in place of a call
//      thread    in a thread of its own, which ends itself there
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

enum { MOST = 64 };

static volatile LONG g_visits;
static HANDLE g_go;
static int g_calls;

__attribute__((noinline)) void visit(void) { InterlockedIncrement(&g_visits); }

__asm__(
    ".globl tail, row0, row1, row2, row3\n"
    "tail:\n"
    "  jmp visit\n"
    "row0:\n"
    "  nop\n"
    "row1:\n"
    "  nop\n"
    "row2:\n"
    "  nop\n"
    "row3:\n"
    "  jmp visit\n");
void tail(void);
void row0(void);

static void CALLBACK visit_later(ULONG_PTR unused) {
  (void)unused;
  visit();
}

static void in_apc(void) {
  QueueUserAPC(visit_later, GetCurrentThread(), 0);
  SleepEx(INFINITE, TRUE);
}

static void CALLBACK visit_and_switch(void *back) {
  for (;;) {
    visit();
    SwitchToFiber(back);
  }
}

static void in_fibers(void) {
  static __thread void *own, *others[2];
  static __thread int turn;
  if (!own) {
    own = ConvertThreadToFiber(NULL);
    for (int i = 0; i < 2; i++) others[i] = CreateFiber(65536, visit_and_switch, own);
  }
  SwitchToFiber(others[turn++ % 2]);
}

static void before_jump(void) {
  jmp_buf back;
  if (setjmp(back)) return;
  visit();
  longjmp(back, 1);
}

static DWORD WINAPI visit_and_end(void *unused) {
  (void)unused;
  visit();
  ExitThread(0);
}

static void in_thread(void) {
  HANDLE thread = CreateThread(NULL, 65536, visit_and_end, NULL, 0, NULL);
  WaitForSingleObject(thread, INFINITE);
  CloseHandle(thread);
}

static void with_handler(void) {
  __try {
    visit();
    RaiseException(0xE0000001, 0, 0, NULL);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
  }
}

__asm__(
    ".globl around, visit_before, own_break, visit_behind\n"
    "around:\n"
    "visit_before:\n"
    "  nop\n"
    "own_break:\n"
    "  int3\n"
    "visit_behind:\n"
    "  nopl (%rax)\n"
    "  jmp visit\n");
void around(void);
extern char own_break[];

static LONG CALLBACK handle(EXCEPTION_POINTERS *info) {
  if (info->ContextRecord->Rip != (DWORD64)own_break) return EXCEPTION_CONTINUE_SEARCH;
  info->ContextRecord->Rip++;
  return EXCEPTION_CONTINUE_EXECUTION;
}

static const struct {
  const char *name;
  void (*go)(void);
} WAYS[] = {
    {"adjacent", row0},        {"apc", in_apc}, {"fiber", in_fibers}, {"handler", with_handler},
    {"jump", before_jump},     {"own", around}, {"tail", tail},       {"thread", in_thread},
};

static DWORD WINAPI work(void *go) {
  WaitForSingleObject(g_go, INFINITE);
  for (int i = 0; i < g_calls; i++) ((void (*)(void))go)();
  return 0;
}

int main(int argc, char **argv) {
  HANDLE threads[MOST];
  void (*go)(void) = NULL;
  for (size_t i = 0; argc > 3 && i < sizeof WAYS / sizeof *WAYS; i++) {
    if (strcmp(WAYS[i].name, argv[1]) == 0) go = WAYS[i].go;
  }
  if (!go) return -1;
  int count = min(atoi(argv[2]), MOST);
  g_calls = atoi(argv[3]);
  AddVectoredExceptionHandler(1, handle);
  g_go = CreateEventA(NULL, TRUE, FALSE, NULL);
  for (int i = 0; i < count; i++) threads[i] = CreateThread(NULL, 65536, work, (void *)go, 0, NULL);
  SetEvent(g_go);
  for (int i = 0; i < count; i++) WaitForSingleObject(threads[i], INFINITE);
  return (int)g_visits;
}
