// grow processes|modules N EVENTS [FOLDER]: raises 0xE0004752, starts N copies of itself that wait, or loads FOLDER\1.dll to
// FOLDER\N.dll, raises it again, and then EVENTS times more. It handles each itself and exits with code 0.
// For scale: what one process or module costs beside many others, and one event beside them.
#include <stdlib.h>
#include <wchar.h>
#include <windows.h>

enum { GROW = (int)0xE0004752 };

static LONG CALLBACK handle_own(EXCEPTION_POINTERS *info) {
  BOOL own = info->ExceptionRecord->ExceptionCode == (DWORD)GROW;
  return own ? EXCEPTION_CONTINUE_EXECUTION : EXCEPTION_CONTINUE_SEARCH;
}

static void raise_own(int count) {
  for (int i = 0; i < count; i++) RaiseException((DWORD)GROW, 0, 0, NULL);
}

// A copy's input is a pipe that ends with this program.
static HANDLE start_copy(HANDLE input) {
  static wchar_t program[MAX_PATH], command[MAX_PATH + 16];
  STARTUPINFOW startup = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES, .hStdInput = input};
  PROCESS_INFORMATION child;
  GetModuleFileNameW(NULL, program, MAX_PATH);
  swprintf(command, sizeof command / sizeof *command, L"\"%ls\" wait", program);
  if (!CreateProcessW(program, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &child)) ExitProcess(99);
  CloseHandle(child.hThread);
  return child.hProcess;
}

static void grow_processes(int count, int events) {
  SECURITY_ATTRIBUTES inherited = {.nLength = sizeof inherited, .bInheritHandle = TRUE};
  HANDLE input, output, *copies = calloc((size_t)count, sizeof *copies);
  if (!copies || !CreatePipe(&input, &output, &inherited, 0)) ExitProcess(98);
  SetHandleInformation(output, HANDLE_FLAG_INHERIT, 0);
  raise_own(1);
  for (int i = 0; i < count; i++) copies[i] = start_copy(input);
  raise_own(1 + events);
  CloseHandle(output);
  for (int i = 0; i < count; i++) WaitForSingleObject(copies[i], INFINITE);
}

static void grow_modules(int count, int events, const wchar_t *folder) {
  wchar_t path[MAX_PATH];
  raise_own(1);
  for (int i = 1; i <= count; i++) {
    swprintf(path, MAX_PATH, L"%ls\\%d.dll", folder, i);
    if (!LoadLibraryW(path)) ExitProcess(97);
  }
  raise_own(1 + events);
}

static void wait_for_end(void) {
  char byte;
  DWORD read;
  while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), &byte, 1, &read, NULL) && read) {
  }
}

int main(void) {
  int argc;
  wchar_t **argv = CommandLineToArgvW(GetCommandLineW(), &argc);
  if (argc < 2) return 96;
  if (wcscmp(argv[1], L"wait") == 0) return wait_for_end(), 0;
  if (argc < 4) return 96;
  AddVectoredExceptionHandler(1, handle_own);
  int count = _wtoi(argv[2]), events = _wtoi(argv[3]);
  if (wcscmp(argv[1], L"processes") == 0) grow_processes(count, events);
  else grow_modules(count, events, argc > 4 ? argv[4] : L".");
  return 0;
}
