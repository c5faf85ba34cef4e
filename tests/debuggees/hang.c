// hang deadlock|spin|made|idle: says "ready" and its process id when it is there, and never ends by itself.
// For the hang finder: deadlock has two threads wait for each other's critical section, spin has one busy in spin_for_ever,
// made in code of no module, idle has threads that sleep, wait for work and work now and then. In all of them main waits for its threads.
#include <stdio.h>
#include <string.h>
#include <windows.h>

enum { THREADS = 3 };

static CRITICAL_SECTION g_orders, g_stock;
static HANDLE g_has_orders, g_has_stock, g_never;
static volatile unsigned g_work;

static void ship_order(void) {
  EnterCriticalSection(&g_orders);
  SetEvent(g_has_orders);
  WaitForSingleObject(g_has_stock, INFINITE);
  EnterCriticalSection(&g_stock); // ship_order hangs here
  LeaveCriticalSection(&g_stock);
  LeaveCriticalSection(&g_orders);
}

static void take_stock(void) {
  EnterCriticalSection(&g_stock);
  SetEvent(g_has_stock);
  WaitForSingleObject(g_has_orders, INFINITE);
  EnterCriticalSection(&g_orders); // take_stock hangs here
  LeaveCriticalSection(&g_orders);
  LeaveCriticalSection(&g_stock);
}

__attribute__((noinline)) static void spin_for_ever(void) {
  for (;;) g_work++; // spin_for_ever hangs here
}

static void work_now_and_then(void) {
  for (;;) {
    EnterCriticalSection(&g_orders);
    for (int i = 0; i < 1000; i++) g_work++;
    LeaveCriticalSection(&g_orders);
    Sleep(100);
  }
}

static void wait_for_work(void) {
  WaitForSingleObject(g_never, INFINITE);
}

static DWORD WINAPI run(void *routine) {
  ((void (*)(void))routine)();
  return 0;
}

/** push rbx; sub rsp, 0x4000; xor ebp, ebp; begin: inc rbx; jmp begin */
static const unsigned char g_spinning[] = {0x53, 0x48, 0x81, 0xec, 0x00, 0x40, 0x00, 0x00, 0x31, 0xed, 0x48, 0xff, 0xc3, 0xeb, 0xfb};

static void spin_in_made_code(void) {
  void *page = VirtualAlloc(NULL, sizeof g_spinning, MEM_COMMIT | MEM_RESERVE, PAGE_EXECUTE_READWRITE);
  memcpy(page, g_spinning, sizeof g_spinning);
  printf("page %llx\n", (unsigned long long)page);
  fflush(stdout);
  ((void (*)(void))page)();
}

int main(int argc, char **argv) {
  const char *mode = argc > 1 ? argv[1] : "idle";
  void (*routines[THREADS])(void) = {work_now_and_then, wait_for_work, wait_for_work};
  HANDLE threads[THREADS];
  InitializeCriticalSection(&g_orders);
  InitializeCriticalSection(&g_stock);
  g_has_orders = CreateEventW(NULL, TRUE, FALSE, NULL);
  g_has_stock = CreateEventW(NULL, TRUE, FALSE, NULL);
  g_never = CreateEventW(NULL, TRUE, FALSE, NULL);
  if (strcmp(mode, "deadlock") == 0) routines[0] = ship_order, routines[1] = take_stock;
  if (strcmp(mode, "spin") == 0) routines[1] = spin_for_ever;
  if (strcmp(mode, "made") == 0) routines[1] = spin_in_made_code;
  for (int i = 0; i < THREADS; i++) threads[i] = CreateThread(NULL, 0, run, (void *)routines[i], 0, NULL);
  if (strcmp(mode, "deadlock") == 0) {
    WaitForSingleObject(g_has_orders, INFINITE);
    WaitForSingleObject(g_has_stock, INFINITE);
  }
  Sleep(200); // both sides of a deadlock get to where they hang
  printf("ready %lu\n", GetCurrentProcessId());
  fflush(stdout);
  WaitForMultipleObjects(THREADS, threads, TRUE, INFINITE);
  return 0;
}
