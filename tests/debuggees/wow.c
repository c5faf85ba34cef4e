/*
 * A 32-bit program, without a C runtime of its own: its first argument says what it does. What it knows of itself it tells by debug
 * strings, as hexadecimal numbers.
 */
#include <windows.h>
#include <stdio.h>
#include <string.h>

int g_value = 0x11223344;
int *g_pointers[2] = {&g_value, (int *)0x89abcdef};

/* clang has main call it before all else. */
void __main(void) {}

static void tell(const char *what, const void *value) {
  char text[64];
  sprintf(text, "%s %x", what, (unsigned)value);
  OutputDebugStringA(text);
}

__attribute__((noinline)) void visit(int number) { __sync_fetch_and_add(&g_value, number); }

__attribute__((noinline)) void poke(int *place, int depth) {
  if (depth) poke(place, depth - 1);
  else *place = 7;
}

static LONG CALLBACK step_over(EXCEPTION_POINTERS *exception) {
  tell("handled", exception->ExceptionRecord->ExceptionAddress);
  exception->ContextRecord->Eax = (DWORD)&g_value; /* what the instruction wrote through */
  return EXCEPTION_CONTINUE_EXECUTION;
}

static DWORD WINAPI work(void *unused) {
  (void)unused;
  for (int count = 0; count < 50; count++) visit(1);
  return 0;
}

static void threads(void) {
  HANDLE threads[4];
  for (int index = 0; index < 4; index++) threads[index] = CreateThread(NULL, 0, work, NULL, 0, NULL);
  WaitForMultipleObjects(4, threads, TRUE, INFINITE);
}

static int is(const char *mode) { return strstr(GetCommandLineA(), mode) != NULL; }

int main(void) {
  tell("size", (void *)sizeof(void *));
  tell("value", &g_value);
  tell("pointers", g_pointers);
  tell("visit", visit);
  tell("poke", poke);
  tell("ntdll", GetModuleHandleA("ntdll.dll"));
  tell("kernel32", GetModuleHandleA("kernel32.dll"));
  if (is("visits")) for (int number = 0; number < 20; number++) visit(number);
  if (is("threads")) threads();
  if (is("handles")) AddVectoredExceptionHandler(1, step_over);
  if (is("pokes") || is("handles")) poke(NULL, 3);
  if (is("lives")) printf("ready\n"), fflush(stdout);
  while (is("lives")) visit(1), Sleep(20);
  tell("end", (void *)g_value);
  ExitProcess(5);
}
