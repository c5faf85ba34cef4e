// notes EVENTS PAGES: fills PAGES pages with notes, raises 0xE0004E54 EVENTS times, handles each itself and exits with code 0.
// For reads while it is held: parameters are the running number, the first page and how many there are. A page begins with its
// note of 8 bytes; each event has written a new one, page after page.
#include <stdlib.h>
#include <windows.h>

enum { NOTES = (int)0xE0004E54, PAGE = 4096 };

static volatile LONG g_handled;

static LONG CALLBACK handle_own(EXCEPTION_POINTERS *info) {
  if (info->ExceptionRecord->ExceptionCode != (DWORD)NOTES) return EXCEPTION_CONTINUE_SEARCH;
  g_handled++;
  return EXCEPTION_CONTINUE_EXECUTION;
}

static void note(char *pages, int count, int number) {
  *(volatile ULONG64 *)(pages + (size_t)(number % count) * PAGE) = (ULONG64)(number + 1) * 0x9E3779B97F4A7C15;
}

int main(int argc, char **argv) {
  int events = argc > 1 ? atoi(argv[1]) : 1, count = argc > 2 ? atoi(argv[2]) : 1;
  char *pages = VirtualAlloc(NULL, (size_t)count * PAGE, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
  if (!pages) return 2;
  AddVectoredExceptionHandler(1, handle_own);
  for (int i = 0; i < count; i++) note(pages, count, i);
  for (int i = 0; i < events; i++) {
    ULONG_PTR parameters[] = {(ULONG_PTR)i, (ULONG_PTR)pages, (ULONG_PTR)count};
    note(pages, count, i);
    RaiseException((DWORD)NOTES, 0, 3, parameters);
  }
  return g_handled == events ? 0 : 1;
}
