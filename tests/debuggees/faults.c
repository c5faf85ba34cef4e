// Executes an instruction that raises an exception, and handles that by itself. Usage: faults.exe WAY CALLS; ends with the number of exceptions handled.
// WAY: skip     writes where no memory is, and goes on behind the instruction
//      again    writes to a page that its handler makes writable: the instruction is executed again
//      guard    writes to a guard page: the same
//      away     goes on in another function
//      frame    writes where no memory is, and goes on in a block of its own that handles it
//      illegal  executes an instruction that there is not, and goes on behind it
#include <stdlib.h>
#include <string.h>
#include <windows.h>

__asm__(
    ".globl fault, fault_behind, illegal, illegal_behind, away\n"
    "fault:\n" // fault(where)
    "  movl %ecx, (%rcx)\n"
    "fault_behind:\n"
    "  nop\n"
    "  ret\n"
    "illegal:\n"
    "  ud2\n"
    "illegal_behind:\n"
    "  nop\n"
    "  ret\n"
    "away:\n"
    "  nopl (%rax)\n"
    "  ret\n");
void fault(void *where);
void illegal(void *unused);
extern char fault_behind[], illegal_behind[], away[];

static const char *g_way;
static char *g_page;
static volatile LONG g_handled;

static BOOL is_way(const char *name) { return strcmp(g_way, name) == 0; }

__attribute__((noinline)) LONG CALLBACK handle(EXCEPTION_POINTERS *info) {
  DWORD before, code = info->ExceptionRecord->ExceptionCode;
  BOOL is_own = code == STATUS_ACCESS_VIOLATION || code == STATUS_GUARD_PAGE_VIOLATION || code == STATUS_ILLEGAL_INSTRUCTION;
  if (!is_own || is_way("frame")) return EXCEPTION_CONTINUE_SEARCH;
  g_handled++;
  if (is_way("again")) VirtualProtect(g_page, 4096, PAGE_READWRITE, &before);
  if (is_way("skip")) info->ContextRecord->Rip = (DWORD64)fault_behind;
  if (is_way("away")) info->ContextRecord->Rip = (DWORD64)away;
  if (is_way("illegal")) info->ContextRecord->Rip = (DWORD64)illegal_behind;
  return EXCEPTION_CONTINUE_EXECUTION;
}

__attribute__((noinline)) static void in_frame(void) {
  __try {
    fault((void *)8);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    g_handled++;
  }
}

int main(int argc, char **argv) {
  g_way = argc > 1 ? argv[1] : "skip";
  g_page = VirtualAlloc(NULL, 4096, MEM_COMMIT, PAGE_READWRITE);
  AddVectoredExceptionHandler(1, handle);
  for (int calls = argc > 2 ? atoi(argv[2]) : 1; calls > 0; calls--) {
    DWORD before;
    if (is_way("again")) VirtualProtect(g_page, 4096, PAGE_READONLY, &before);
    if (is_way("guard")) VirtualProtect(g_page, 4096, PAGE_READWRITE | PAGE_GUARD, &before);
    if (is_way("frame")) in_frame();
    else if (is_way("illegal")) illegal(NULL);
    else fault(is_way("skip") || is_way("away") ? (void *)8 : g_page);
  }
  return g_handled;
}
