// tree FILE DEPTH WIDTH [together]: each process down to DEPTH starts WIDTH children, one after another or together.
// For child processes: each appends "pid parent level" to FILE and exits with its level as the code.
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>
#include <windows.h>

enum { MOST_CHILDREN = 16 };

struct node {
  const wchar_t *file;
  int depth, width, level;
  BOOL together;
};

static void append_line(const struct node *node, DWORD parent) {
  char line[64];
  DWORD written;
  int length = snprintf(line, sizeof line, "%lu %lu %d\n", GetCurrentProcessId(), parent, node->level);
  DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE;
  HANDLE file = CreateFileW(node->file, FILE_APPEND_DATA, share, NULL, OPEN_ALWAYS, 0, NULL);
  WriteFile(file, line, (DWORD)length, &written, NULL);
  CloseHandle(file);
}

static HANDLE start_child(const struct node *node) {
  static wchar_t program[MAX_PATH], command[2 * MAX_PATH + 64];
  STARTUPINFOW startup = {.cb = sizeof startup};
  PROCESS_INFORMATION child;
  GetModuleFileNameW(NULL, program, MAX_PATH);
  swprintf(command, sizeof command / sizeof *command, L"\"%ls\" \"%ls\" %d %d %ls %d %lu", program, node->file,
           node->depth, node->width, node->together ? L"together" : L"serial", node->level + 1,
           GetCurrentProcessId());
  if (!CreateProcessW(program, command, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &child)) ExitProcess(99);
  CloseHandle(child.hThread);
  return child.hProcess;
}

static void run_children(const struct node *node) {
  HANDLE children[MOST_CHILDREN];
  for (int i = 0; i < node->width; i++) {
    children[i] = start_child(node);
    if (!node->together) WaitForSingleObject(children[i], INFINITE);
  }
  WaitForMultipleObjects((DWORD)node->width, children, TRUE, INFINITE);
}

int main(void) {
  int argc;
  wchar_t **argv = CommandLineToArgvW(GetCommandLineW(), &argc);
  if (argc < 4) return 98;
  struct node node = {argv[1], _wtoi(argv[2]), _wtoi(argv[3]), argc > 5 ? _wtoi(argv[5]) : 0,
                      argc > 4 && wcscmp(argv[4], L"together") == 0};
  if (node.width > MOST_CHILDREN) return 98;
  append_line(&node, argc > 6 ? (DWORD)_wtoi(argv[6]) : 0);
  if (node.level < node.depth && node.width > 0) run_children(&node);
  return node.level;
}
