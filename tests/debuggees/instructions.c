// Instructions that are not over at once, or are breakpoints themselves.
//   instructions copy N   calls copy() N times, which copies by instructions that the processor repeats: three of seven rounds; ends with N
//   instructions break N  runs into an `int 3` of its own N times and handles it; ends with N
//   instructions trap N   sets its own trap flag N times and handles the single step that follows; ends with N
//   instructions down N   calls down() N times, each time inside the one before; ends with N
//   instructions wait N   waits N times in the kernel, each time for another thread; ends with N
#include <stdlib.h>
#include <string.h>
#include <windows.h>

enum { ROUNDS = 7, MOST = 8 * ROUNDS };

// copy(to, from, rounds): bytes, words, quadwords.
__asm__(
    ".globl copy, copy_bytes, copy_words, copy_quads\n"
    "copy:\n"
    "  push %rsi\n"
    "  push %rdi\n"
    "  mov %rcx, %rdi\n"
    "  mov %rdx, %rsi\n"
    "  mov %r8, %rcx\n"
    "copy_bytes:\n"
    "  rep movsb\n"
    "  sub %r8, %rdi\n"
    "  sub %r8, %rsi\n"
    "  mov %r8, %rcx\n"
    "copy_words:\n"
    "  rep movsw\n"
    "  sub %r8, %rdi\n"
    "  sub %r8, %rsi\n"
    "  sub %r8, %rdi\n"
    "  sub %r8, %rsi\n"
    "  mov %r8, %rcx\n"
    "copy_quads:\n"
    "  rep movsq\n"
    "  pop %rdi\n"
    "  pop %rsi\n"
    "  ret\n"
    ".globl own_break\n"
    "own_break:\n"
    "  int3\n"
    "  ret\n"
    ".globl own_trap, own_trap_or, own_trap_pop, own_trap_at, own_trap_behind\n"
    "own_trap:\n"
    "  pushf\n"
    "own_trap_or:\n"
    "  orl $0x100, (%rsp)\n"
    "own_trap_pop:\n"
    "  popf\n"
    "own_trap_at:\n"
    "  nop\n" // it traps behind this
    "own_trap_behind:\n"
    "  ret\n"
    ".globl down, down_call, down_back\n" // down(count): how often it has called itself
    "down:\n"
    "  sub $40, %rsp\n"
    "  xor %eax, %eax\n"
    "  test %ecx, %ecx\n"
    "  je down_end\n"
    "  dec %ecx\n"
    "down_call:\n"
    "  call down\n"
    "down_back:\n"
    "  inc %eax\n"
    "down_end:\n"
    "  add $40, %rsp\n"
    "  ret\n");
int down(int count);
void copy(char *to, const char *from, ULONG64 rounds);
void own_break(void);
void own_trap(void);
extern char own_trap_behind[];

static int copy_often(int count) {
  static char from[MOST], to[MOST];
  int right = 0;
  for (int i = 0; i < count; i++) {
    memset(from, i + 1, MOST);
    copy(to, from, ROUNDS);
    right += memcmp(from, to, MOST) == 0;
  }
  return right;
}

static volatile LONG g_breaks;

static LONG CALLBACK handle_break(EXCEPTION_POINTERS *info) {
  if (info->ExceptionRecord->ExceptionCode != STATUS_BREAKPOINT) return EXCEPTION_CONTINUE_SEARCH;
  g_breaks++;
  info->ContextRecord->Rip = (DWORD64)own_break + 1;
  return EXCEPTION_CONTINUE_EXECUTION;
}

static int break_often(int count) {
  AddVectoredExceptionHandler(1, handle_break);
  for (int i = 0; i < count; i++) own_break();
  return g_breaks;
}

static volatile LONG g_traps;

static LONG CALLBACK handle_trap(EXCEPTION_POINTERS *info) {
  if (info->ExceptionRecord->ExceptionCode != STATUS_SINGLE_STEP) return EXCEPTION_CONTINUE_SEARCH;
  g_traps += info->ContextRecord->Rip == (DWORD64)own_trap_behind;
  return EXCEPTION_CONTINUE_EXECUTION;
}

static int trap_often(int count) {
  AddVectoredExceptionHandler(1, handle_trap);
  for (int i = 0; i < count; i++) own_trap();
  return g_traps;
}

static HANDLE g_turn;

// It never waits for what the other one does: frozen, it lets that wait on.
static DWORD WINAPI set_often(void *count) {
  for (int i = 0; i < (int)(ULONG_PTR)count; i++) {
    Sleep(30);
    ReleaseSemaphore(g_turn, 1, NULL);
  }
  return 0;
}

static int wait_often(int count) {
  NTSTATUS(NTAPI *wait)(HANDLE, BOOLEAN, LARGE_INTEGER *);
  *(FARPROC *)&wait = GetProcAddress(GetModuleHandleA("ntdll"), "NtWaitForSingleObject");
  int turns = 0;
  g_turn = CreateSemaphoreA(NULL, 0, count, NULL);
  CreateThread(NULL, 0, set_often, (void *)(ULONG_PTR)count, 0, NULL);
  for (int i = 0; i < count; i++) turns += wait(g_turn, FALSE, NULL) == 0;
  return turns;
}

int main(int argc, char **argv) {
  int count = argc > 2 ? atoi(argv[2]) : 1;
  if (argc < 2) return 0;
  if (strcmp(argv[1], "copy") == 0) return copy_often(count);
  if (strcmp(argv[1], "break") == 0) return break_often(count);
  if (strcmp(argv[1], "trap") == 0) return trap_often(count);
  if (strcmp(argv[1], "down") == 0) return down(count);
  return wait_often(count);
}
