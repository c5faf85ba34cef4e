// family FOLDER EXCEPTIONS PLAN: starts a tree of programs out of its own folder, for example "a.exe(b.exe) c.exe".
// For policies of children: each process raises EXCEPTIONS exceptions that it handles itself, waits for its children,
// writes who it is and how long its exceptions took to FOLDER\LABEL.json (the root's label is 0, its second child's
// 0.1), and exits with the code that it wrote.
#include <stdio.h>
#include <wchar.h>
#include <windows.h>

enum { OWN_CODE = 0xE0004321, MOST_CHILDREN = 32, COMMAND = 2048 };

struct member {
  const wchar_t *folder, *exceptions, *plan, *label;
  DWORD parent;
};

static long long raise_own(int count) {
  LARGE_INTEGER begin, end, frequency;
  QueryPerformanceFrequency(&frequency);
  QueryPerformanceCounter(&begin);
  for (int i = 0; i < count; i++) {
    __try {
      RaiseException(OWN_CODE, 0, 0, NULL);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
    }
  }
  QueryPerformanceCounter(&end);
  return (end.QuadPart - begin.QuadPart) * 1000000 / frequency.QuadPart;
}

static HANDLE start_child(const struct member *self, const wchar_t *name, int length, const wchar_t *plan, int planned,
                          int index) {
  static wchar_t program[MAX_PATH], command[COMMAND];
  STARTUPINFOW startup = {.cb = sizeof startup};
  PROCESS_INFORMATION child;
  GetModuleFileNameW(NULL, program, MAX_PATH);
  swprintf(wcsrchr(program, L'\\') + 1, MAX_PATH / 2, L"%.*ls", length, name);
  swprintf(command, COMMAND, L"\"%ls\" \"%ls\" %ls \"%.*ls\" %ls.%d %lu", program, self->folder, self->exceptions,
           planned, plan, self->label, index, GetCurrentProcessId());
  if (!CreateProcessW(program, command, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &child)) ExitProcess(99);
  CloseHandle(child.hThread);
  return child.hProcess;
}

// The end of a plan in parentheses.
static const wchar_t *closing(const wchar_t *plan) {
  for (int depth = 0;; plan++) {
    if (*plan == L'(') depth++;
    if (*plan == 0 || (*plan == L')' && --depth == 0)) return plan;
  }
}

static int start_children(const struct member *self, HANDLE *children) {
  int count = 0;
  const wchar_t *at = self->plan + wcsspn(self->plan, L" ");
  for (; *at && count < MOST_CHILDREN; at += wcsspn(at, L" ")) {
    const wchar_t *name = at;
    int length = (int)wcscspn(at, L" (");
    at += length;
    const wchar_t *plan = at;
    int planned = 0;
    if (*at == L'(') {
      const wchar_t *end = closing(at);
      plan = at + 1;
      planned = (int)(end - plan);
      at = *end ? end + 1 : end;
    }
    children[count] = start_child(self, name, length, plan, planned, count);
    count++;
  }
  return count;
}

static void write_report(const struct member *self, long long microseconds, DWORD code) {
  static wchar_t path[MAX_PATH];
  char report[256];
  DWORD written;
  int length = snprintf(report, sizeof report,
                        "{\"pid\":%lu,\"tid\":%lu,\"parent\":%lu,\"microseconds\":%lld,\"exitCode\":%lu}\n",
                        GetCurrentProcessId(), GetCurrentThreadId(), self->parent, microseconds, code);
  swprintf(path, MAX_PATH, L"%ls\\%ls.json", self->folder, self->label);
  HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
  WriteFile(file, report, (DWORD)length, &written, NULL);
  CloseHandle(file);
}

int main(void) {
  int argc;
  wchar_t **argv = CommandLineToArgvW(GetCommandLineW(), &argc);
  if (argc < 4) return 98;
  struct member self = {argv[1], argv[2], argv[3], argc > 4 ? argv[4] : L"0", argc > 5 ? (DWORD)_wtoi(argv[5]) : 0};
  HANDLE children[MOST_CHILDREN];
  int count = start_children(&self, children);
  long long microseconds = raise_own(_wtoi(self.exceptions));
  for (int i = 0; i < count; i++) WaitForSingleObject(children[i], INFINITE);
  DWORD code = 1 + GetCurrentProcessId() % 90;
  write_report(&self, microseconds, code);
  return (int)code;
}
