// acts suspended PROGRAM ARGS...: creates a process suspended, prints its id and ends.
#include <stdio.h>
#include <string.h>
#include <windows.h>

static int start_suspended(int argc, char **argv) {
  char line[4096] = "";
  for (int index = 2; index < argc; index++) {
    size_t used = strlen(line);
    snprintf(line + used, sizeof line - used, "%s\"%s\"", index > 2 ? " " : "", argv[index]);
  }
  STARTUPINFOA startup = {.cb = sizeof startup};
  PROCESS_INFORMATION process;
  DWORD flags = CREATE_SUSPENDED | DETACHED_PROCESS;
  if (!CreateProcessA(NULL, line, NULL, NULL, FALSE, flags, NULL, NULL, &startup, &process)) return 1;
  printf("%lu\n", process.dwProcessId);
  return 0;
}

int main(int argc, char **argv) {
  if (argc > 2 && strcmp(argv[1], "suspended") == 0) return start_suspended(argc, argv);
  return 2;
}
