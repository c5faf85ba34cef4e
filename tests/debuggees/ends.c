// ends HOW: ends in a way that users call a crash, or that they do not. For the crash catcher: what is said of which.
// Crashes: filter, terminate, signal, except, divide, thread (a handler gives up, code 9); abort, assert, thread-abort, late-abort (code 3; says
// "ready", and begins a second after a debugger has attached); overflow,
// thread-overflow (no second chance under Wine).
// None: survive (code 5), guarded (by exit, code 5), often, corrected, raised-overflow, other-process, code (7).
#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static const char *g_how;

static int is(const char *how) { return strcmp(g_how, how) == 0; }

__attribute__((noinline)) static int write_stock(int *volatile target) {
  *target = 1; // the guilty line
  return 2;
}

__attribute__((noinline)) static int share(volatile int among) { return 1 / among; }

__attribute__((noinline)) static int deeper(int depth) {
  volatile char used[2000];
  used[depth % 2000] = (char)depth;
  if (depth < 0) return 0;
  return deeper(depth + 1) + used[depth % 2000];
}

static void check_stock(int count) {
  if (count >= 0) return;
  if (is("assert")) assert(count >= 0);
  abort(); // the guilty abort
}

static LONG CALLBACK report(EXCEPTION_POINTERS *info) {
  fprintf(stderr, "own report of %lx\n", info->ExceptionRecord->ExceptionCode);
  if (is("thread")) ExitThread(9);
  if (is("terminate")) TerminateProcess(GetCurrentProcess(), 9);
  ExitProcess(9);
}

/** Passes over the instruction: `movl $1, (%rax)`. */
static LONG CALLBACK correct(EXCEPTION_POINTERS *info) {
  info->ContextRecord->Rip += 6;
  return EXCEPTION_CONTINUE_EXECUTION;
}

static void on_signal(int number) { _exit(number == SIGSEGV ? 9 : 1); }

static int guarded(void) {
  __try {
    return write_stock(NULL);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    return -1;
  }
}

static DWORD WINAPI run_thread(void *unused) {
  (void)unused;
  if (is("thread-abort")) check_stock(-1);
  return is("thread-overflow") ? (DWORD)deeper(1) : (DWORD)write_stock(NULL);
}

static int end_in_except(void) {
  __try {
    return is("divide") ? share(0) : write_stock(NULL);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    fputs("own report\n", stderr);
    exit(9);
  }
}

static int go_on(void) {
  if (is("code")) return 7;
  if (is("survive")) return guarded() == -1 ? 5 : 1;
  if (is("guarded") && guarded() == -1) exit(5);
  if (is("often")) {
    for (int round = 0; round < 20; round++) guarded();
    return 0;
  }
  if (is("corrected")) {
    AddVectoredExceptionHandler(1, correct);
    write_stock(NULL);
    exit(5);
  }
  if (is("raised-overflow")) {
    __try {
      RaiseException(EXCEPTION_STACK_OVERFLOW, 0, 0, NULL);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
    }
  }
  if (is("other-process")) {
    guarded();
    STARTUPINFOA startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    char line[] = "cmd.exe /c pause";
    if (!CreateProcessA(NULL, line, NULL, NULL, FALSE, DETACHED_PROCESS, NULL, NULL, &startup, &process)) return 1;
    TerminateProcess(process.hProcess, 9);
  }
  return 0;
}

int main(int argc, char **argv) {
  g_how = argc > 1 ? argv[1] : "";
  if (is("filter") || is("terminate") || is("thread")) AddVectoredExceptionHandler(1, report);
  if (is("signal")) signal(SIGSEGV, on_signal);
  if (is("filter") || is("terminate") || is("signal")) return write_stock(NULL);
  if (is("except") || is("divide")) return end_in_except();
  if (is("overflow")) return deeper(1);
  if (is("late-abort")) {
    puts("ready");
    fflush(stdout);
    while (!IsDebuggerPresent()) Sleep(50);
    Sleep(1000);
    check_stock(-1);
  }
  if (is("abort") || is("assert")) check_stock(-1);
  if (strncmp(g_how, "thread", 6) == 0) {
    WaitForSingleObject(CreateThread(NULL, 0, run_thread, NULL, 0, NULL), INFINITE);
    return 0;
  }
  return go_on();
}
