// Calls hit() from several threads at once. Usage: hit_threads.exe THREADS CALLS [late]; ends with the number of calls made.
// "late": each thread is started while others are at it already.
#include <stdlib.h>
#include <windows.h>

enum { MOST = 1024 };

static volatile LONG g_hits;
static HANDLE g_go;
static int g_calls;

__attribute__((noinline)) static void hit(void) { InterlockedIncrement(&g_hits); }

static DWORD WINAPI work(void *unused) {
  (void)unused;
  WaitForSingleObject(g_go, INFINITE);
  for (int i = 0; i < g_calls; i++) hit();
  return 0;
}

int main(int argc, char **argv) {
  static HANDLE handles[MOST];
  int threads = argc > 1 ? atoi(argv[1]) : 8;
  g_calls = argc > 2 ? atoi(argv[2]) : 25;
  g_go = CreateEventA(NULL, TRUE, argc > 3, NULL);
  for (int i = 0; i < threads && i < MOST; i++) handles[i] = CreateThread(NULL, 65536, work, NULL, 0, NULL);
  SetEvent(g_go);
  for (int i = 0; i < threads && i < MOST; i++) WaitForSingleObject(handles[i], INFINITE);
  return (int)g_hits;
}
