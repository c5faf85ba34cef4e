// thread_names [break|crash|spin]: gives its threads names in both ways and says their ids, in the order of g_threads, on stdout and as a
// debug string; then never ends by itself. For names of threads: break stops in main's break instruction, crash has the thread
// "disk writer" write to nowhere, spin has the same thread busy in spin_for_ever.
#include <stdio.h>
#include <string.h>
#include <windows.h>

enum { OLD_WAY = 0x406d1388, MANY = 300 };

typedef struct {
  DWORD type;
  const char *name;
  DWORD thread;
  DWORD flags;
} NAME_INFO;

static const wchar_t g_lines[] = L"two \"quoted\" lines\n   5  Id: 1.2 Suspend: 1 Teb: 00000000`00000000 Unfrozen \"and more\"";
static wchar_t g_long[MANY + 1];

static struct {
  const wchar_t *description;
  const char *old;
} g_threads[] = {
    {L"disk writer", NULL}, {NULL, "network"}, {NULL, NULL},   {L"", NULL},
    {g_lines, NULL},        {g_long, NULL},    {L"Gr\u00fc\u00dfe \u4e16\u754c", NULL}, {L"new name", "old name"},
};

enum { THREADS = sizeof g_threads / sizeof *g_threads };

static HANDLE g_go;
static const char *g_mode = "";
static volatile unsigned g_work;

__attribute__((noinline)) static void spin_for_ever(void) {
  for (;;) g_work++;
}

static DWORD WINAPI work(void *number) {
  WaitForSingleObject(g_go, INFINITE);
  if (number == 0 && strcmp(g_mode, "crash") == 0) *(volatile int *)0 = 1;
  if (number == 0 && strcmp(g_mode, "spin") == 0) spin_for_ever();
  Sleep(INFINITE);
  return 0;
}

static void name_the_old_way(DWORD thread, const char *name) {
  NAME_INFO info = {0x1000, name, thread, 0};
  __try {
    RaiseException(OLD_WAY, 0, sizeof info / sizeof(ULONG_PTR), (ULONG_PTR *)&info);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
  }
}

int main(int count, char **words) {
  char said[20 * (THREADS + 1)];
  int length = sprintf(said, "threads %lu", GetCurrentThreadId());
  if (count > 1) g_mode = words[1];
  for (int i = 0; i < MANY; i++) g_long[i] = (wchar_t)(L'a' + i % 26);
  g_go = CreateEventW(NULL, TRUE, FALSE, NULL);
  SetThreadDescription(GetCurrentThread(), L"before");
  SetThreadDescription(GetCurrentThread(), L"main loop");
  for (int i = 0; i < THREADS; i++) {
    DWORD id;
    HANDLE thread = CreateThread(NULL, 0, work, (void *)(ULONG_PTR)i, 0, &id);
    if (g_threads[i].description) SetThreadDescription(thread, g_threads[i].description);
    if (g_threads[i].old) name_the_old_way(id, g_threads[i].old);
    length += sprintf(said + length, " %lu", id);
  }
  puts(said);
  fflush(stdout);
  OutputDebugStringA(said);
  if (strcmp(g_mode, "break") == 0) DebugBreak();
  SetEvent(g_go);
  Sleep(INFINITE);
  return 0;
}
