// What tests need done to processes:
//   acts suspended PROGRAM ARGS...  creates a process suspended, prints its id and ends
//   acts closed PROGRAM ARGS...     starts a process that nobody may open, prints its id, ends it when the input ends
#include <stdio.h>
#include <string.h>
#include <windows.h>

static BOOL start(int argc, char **argv, DWORD flags, SECURITY_ATTRIBUTES *security, PROCESS_INFORMATION *process) {
  char line[4096] = "";
  for (int index = 2; index < argc; index++) {
    size_t used = strlen(line);
    snprintf(line + used, sizeof line - used, "%s\"%s\"", index > 2 ? " " : "", argv[index]);
  }
  STARTUPINFOA startup = {.cb = sizeof startup};
  if (!CreateProcessA(NULL, line, security, NULL, FALSE, flags, NULL, NULL, &startup, process)) return FALSE;
  printf("%lu\n", process->dwProcessId);
  return fflush(stdout) == 0;
}

static int start_closed(int argc, char **argv) {
  SECURITY_DESCRIPTOR descriptor;
  ACL nobody;
  InitializeSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION);
  InitializeAcl(&nobody, sizeof nobody, ACL_REVISION);
  SetSecurityDescriptorDacl(&descriptor, TRUE, &nobody, FALSE);
  SECURITY_ATTRIBUTES security = {.nLength = sizeof security, .lpSecurityDescriptor = &descriptor};
  PROCESS_INFORMATION process;
  if (!start(argc, argv, DETACHED_PROCESS, &security, &process)) return 1;
  while (getchar() != EOF) {
  }
  return TerminateProcess(process.hProcess, 0) ? 0 : 1;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  PROCESS_INFORMATION process;
  if (strcmp(argv[1], "suspended") == 0) {
    return start(argc, argv, CREATE_SUSPENDED | DETACHED_PROCESS, NULL, &process) ? 0 : 1;
  }
  return strcmp(argv[1], "closed") == 0 ? start_closed(argc, argv) : 2;
}
