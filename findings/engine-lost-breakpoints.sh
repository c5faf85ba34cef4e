#!/usr/bin/env bash
# Software: Microsoft's debugger engine 10.0.29507.1001 (NuGet Microsoft.Debugging.Platform.DbgEng 20260109.1235.0)
#   under Wine 10.0; the program and a plain Win32 debugger are compiled by mingw's GCC 14.
# Expected: a function called 200 times by 8 threads gives 200 breakpoint hits; while one thread is stepped over its
#   breakpoint, others are held back or the hits are caught up on. A debugger written with the Win32 debug API sees
#   200.
# Seen: the Win32 debugger, which suspends the other threads for that one step, sees all 200. The engine, on the same
#   program, reports only a part of them, a different part each time: the others run past while the int 3 is out.
. "$(dirname "$0")/lib/common.sh"
. "$HERE/lib/windows.sh"
mingw
engine
wine

cat >"$WORK/threads.c" <<'C'
#include <windows.h>
#include <stdlib.h>
volatile LONG total;
__declspec(dllexport) __declspec(noinline) void tick(int n) { InterlockedAdd(&total, n); }
static DWORD WINAPI work(void *calls) {
  for (int i = 0; i < (int)(size_t)calls; i++) tick(1);
  return 0;
}
int main(int count, char **words) {
  int threads = atoi(words[1]), calls = 200 / threads;
  HANDLE all[8];
  for (int i = 0; i < threads; i++) all[i] = CreateThread(0, 0, work, (void *)(size_t)calls, 0, 0);
  WaitForMultipleObjects(threads, all, TRUE, INFINITE);
  return total == 200 ? 0 : 1;
}
C
cat >"$WORK/engine.cpp" <<'C'
#include "engine.h"
static int hits;
struct Count : Events {
  STDMETHOD(Breakpoint)(PDEBUG_BREAKPOINT) { return hits++, DEBUG_STATUS_GO; }
  STDMETHOD(ExitProcess)(ULONG code) { return printf("engine: %d hits, exit code %lu\n", hits, code), DEBUG_STATUS_GO; }
} events;
int main(int count, char **words) {
  open_engine(words[1]);
  client->SetEventCallbacks(&events);
  control->AddEngineOptions(DEBUG_ENGOPT_INITIAL_BREAK);
  launch(words[2]);
  wait();
  check(execute("bp threads!tick"), "bp");
  for (bool left = true; left; left = wait()) go();
  end();
}
C
cat >"$WORK/win32.c" <<'C'
#include <windows.h>
#include <stdio.h>
static struct { DWORD id; HANDLE handle; } threads[32];
static int known;
static BYTE *place, original;
static HANDLE process;
static void poke(BYTE byte) { WriteProcessMemory(process, place, &byte, 1, 0), FlushInstructionCache(process, place, 1); }
static void others(DWORD stepping, BOOL hold) {
  for (int i = 0; i < known; i++)
    if (threads[i].id != stepping) hold ? SuspendThread(threads[i].handle) : ResumeThread(threads[i].handle);
}
// Moves a thread that ran into the int 3 back to its place, and sets or clears the flag that makes it step.
static void put(DWORD id, BOOL back, BOOL step) {
  CONTEXT context = {.ContextFlags = CONTEXT_CONTROL};
  for (int i = 0; i < known; i++) {
    if (threads[i].id != id) continue;
    GetThreadContext(threads[i].handle, &context);
    if (back) context.Rip--;
    context.EFlags = step ? context.EFlags | 0x100 : context.EFlags & ~0x100;
    SetThreadContext(threads[i].handle, &context);
  }
}
int main(int count, char **words) {
  STARTUPINFOA startup = {sizeof startup};
  PROCESS_INFORMATION started;
  CreateProcessA(0, words[1], 0, 0, 0, DEBUG_ONLY_THIS_PROCESS, 0, 0, &startup, &started);
  // Where the export lies is read from the file, mapped as an image.
  HMODULE image = LoadLibraryExA("threads.exe", 0, DONT_RESOLVE_DLL_REFERENCES);
  size_t offset = (BYTE *)GetProcAddress(image, "tick") - (BYTE *)image;
  int hits = 0, initial = 1;
  DWORD stepping = 0;
  for (;;) {
    DEBUG_EVENT event;
    DWORD answer = DBG_CONTINUE, id;
    WaitForDebugEvent(&event, INFINITE);
    id = event.dwThreadId;
    if (event.dwDebugEventCode == CREATE_PROCESS_DEBUG_EVENT) {
      process = event.u.CreateProcessInfo.hProcess;
      place = (BYTE *)event.u.CreateProcessInfo.lpBaseOfImage + offset;
      threads[known].id = id, threads[known++].handle = event.u.CreateProcessInfo.hThread;
    } else if (event.dwDebugEventCode == CREATE_THREAD_DEBUG_EVENT) {
      threads[known].id = id, threads[known++].handle = event.u.CreateThread.hThread;
      if (stepping) SuspendThread(event.u.CreateThread.hThread);
    } else if (event.dwDebugEventCode == EXIT_THREAD_DEBUG_EVENT) {
      for (int i = 0; i < known; i++)
        if (threads[i].id == id) threads[i] = threads[--known];
    } else if (event.dwDebugEventCode == EXIT_PROCESS_DEBUG_EVENT) {
      printf("win32: %d hits, exit code %lu\n", hits, event.u.ExitProcess.dwExitCode);
      return 0;
    } else if (event.dwDebugEventCode == EXCEPTION_DEBUG_EVENT) {
      EXCEPTION_RECORD *record = &event.u.Exception.ExceptionRecord;
      if (record->ExceptionCode == EXCEPTION_BREAKPOINT && initial) {
        initial = 0;
        ReadProcessMemory(process, place, &original, 1, 0);
        poke(0xcc);
      } else if (record->ExceptionCode == EXCEPTION_BREAKPOINT && record->ExceptionAddress == place) {
        // One that ran into it before it was suspended will do so again.
        if (stepping) put(id, TRUE, FALSE);
        else hits++, stepping = id, others(id, TRUE), poke(original), put(id, TRUE, TRUE);
      } else if (record->ExceptionCode == EXCEPTION_SINGLE_STEP) {
        poke(0xcc), put(id, FALSE, FALSE), others(id, FALSE), stepping = 0;
      } else {
        answer = DBG_EXCEPTION_NOT_HANDLED;
      }
    }
    ContinueDebugEvent(event.dwProcessId, id, answer);
  }
}
C
program threads
program win32
debugger engine
one=$(run engine.exe "$(engine_folder)" "threads.exe 1")
eight=$(run engine.exe "$(engine_folder)" "threads.exe 8")
win32=$(run win32.exe "threads.exe 8")
printf '%s\n' "1 thread, $one" "8 threads, $eight" "8 threads, $win32"
shows "$one" '^engine: 200 hits, exit code 0$'
shows "$win32" '^win32: 200 hits, exit code 0$'
shows "$eight" '^engine: 1?[0-9]{1,2} hits, exit code 0$'
