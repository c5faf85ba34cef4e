// memories NAME [--counts]: memory of all kinds. Raises 0xE0004D45 three times and handles it itself; before each it counts up by one in its own
// data and in allocated memory. Parameters: its own counter, the allocated one, the section NAME that processes share, and the section of the
// image that they share. With --counts: counts in all of them for ever.
#include <string.h>
#include <windows.h>

enum { MEMORIES = (int)0xE0004D45, PAGE = 4096, EVENTS = 3 };

__asm__(".section .drectve,\"yni\"\n\t.ascii \" -section:.shared,RWS \"\n\t.text");
__attribute__((section(".shared"))) volatile LONG64 g_shared = 1;
volatile LONG64 g_own;

static LONG CALLBACK handle_own(EXCEPTION_POINTERS *info) {
  BOOL is_own = info->ExceptionRecord->ExceptionCode == (DWORD)MEMORIES;
  return is_own ? EXCEPTION_CONTINUE_EXECUTION : EXCEPTION_CONTINUE_SEARCH;
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, PAGE, argv[1]);
  volatile LONG64 *mapped = MapViewOfFile(section, FILE_MAP_ALL_ACCESS, 0, 0, 0);
  volatile LONG64 *allocated = VirtualAlloc(NULL, PAGE, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
  if (!mapped || !allocated) return 3;
  if (argc > 2 && strcmp(argv[2], "--counts") == 0) {
    for (;; Sleep(1)) {
      InterlockedIncrement64(&g_own);
      InterlockedIncrement64(allocated);
      InterlockedIncrement64(mapped);
      InterlockedIncrement64(&g_shared);
    }
  }
  AddVectoredExceptionHandler(1, handle_own);
  for (int i = 0; i < EVENTS; i++) {
    g_own++;
    ++*allocated;
    ULONG_PTR parameters[] = {(ULONG_PTR)&g_own, (ULONG_PTR)allocated, (ULONG_PTR)mapped, (ULONG_PTR)&g_shared};
    RaiseException((DWORD)MEMORIES, 0, 4, parameters);
  }
  return (int)g_own;
}
