// A debugger on Windows' own debug events alone, which knows nothing of dbgeng: what a session sees is compared with what it prints.
//   debug_loop.exe launch COMMAND LINE   from the program's first to its last event
//   debug_loop.exe attach PID            until Windows' break-in; then it lets the program go
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

/** The path of a file that Windows has opened for the debugger, without its prefix. */
static void print_module(HANDLE file, void *base) {
  wchar_t path[1024] = L"";
  DWORD length = file ? GetFinalPathNameByHandleW(file, path, 1024, 0) : 0;
  if (length >= 1024) length = 0;
  path[length] = 0;
  char text[4096] = "";
  WideCharToMultiByte(CP_UTF8, 0, path, -1, text, sizeof text, NULL, NULL);
  printf("module %p %s\n", base, text);
  if (file) CloseHandle(file);
}

static void print_exception(const EXCEPTION_DEBUG_INFO *info) {
  printf("exception 0x%lX %s\n", info->ExceptionRecord.ExceptionCode, info->dwFirstChance ? "first" : "second");
}

/** Prints an event; gives how the program goes on. The first break is Windows' own: `begun` is whether it was there. */
static DWORD tell(const DEBUG_EVENT *event, BOOL *begun) {
  switch (event->dwDebugEventCode) {
    case CREATE_PROCESS_DEBUG_EVENT:
      print_module(event->u.CreateProcessInfo.hFile, event->u.CreateProcessInfo.lpBaseOfImage);
      return DBG_CONTINUE;
    case LOAD_DLL_DEBUG_EVENT:
      print_module(event->u.LoadDll.hFile, event->u.LoadDll.lpBaseOfDll);
      return DBG_CONTINUE;
    case UNLOAD_DLL_DEBUG_EVENT:
      printf("unload %p\n", event->u.UnloadDll.lpBaseOfDll);
      return DBG_CONTINUE;
    case EXCEPTION_DEBUG_EVENT:
      if (!*begun && event->u.Exception.ExceptionRecord.ExceptionCode == (DWORD)STATUS_BREAKPOINT) {
        *begun = TRUE;
        return DBG_CONTINUE;
      }
      print_exception(&event->u.Exception);
      return DBG_EXCEPTION_NOT_HANDLED;
    case EXIT_PROCESS_DEBUG_EVENT:
      printf("exit %lu\n", event->u.ExitProcess.dwExitCode);
      return DBG_CONTINUE;
    default:
      return DBG_CONTINUE;
  }
}

/** What stands behind the first two words of the command line, as it was written. */
static wchar_t *rest(void) {
  wchar_t *at = wcsstr(GetCommandLineW(), L" launch ");
  return at ? at + wcslen(L" launch ") : NULL;
}

static BOOL begin(int count, char **words) {
  if (count < 3) return FALSE;
  if (strcmp(words[1], "attach") == 0) {
    return DebugActiveProcess(strtoul(words[2], NULL, 10)) && DebugSetProcessKillOnExit(FALSE);
  }
  STARTUPINFOW start = {.cb = sizeof start};
  PROCESS_INFORMATION info;
  return CreateProcessW(NULL, rest(), NULL, NULL, TRUE, DEBUG_ONLY_THIS_PROCESS, NULL, NULL, &start, &info);
}

int main(int count, char **words) {
  if (!begin(count, words)) return 2;
  BOOL begun = FALSE;
  BOOL is_attach = strcmp(words[1], "attach") == 0;
  for (DEBUG_EVENT event; WaitForDebugEvent(&event, 120000);) {
    DWORD answer = tell(&event, &begun);
    ContinueDebugEvent(event.dwProcessId, event.dwThreadId, answer);
    if (event.dwDebugEventCode == EXIT_PROCESS_DEBUG_EVENT) return 0;
    if (is_attach && begun) return DebugActiveProcessStop(event.dwProcessId) ? 0 : 3;
  }
  return 1;
}
