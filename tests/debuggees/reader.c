// reader [BYTES]: reads its standard input to the end, or so many bytes of it, and prints how many there were, their FNV-1a hash, and how that ended;
// the exit code is 7. With --never it reads nothing: it prints a line and waits for a second. With --lines it prints each line as it comes.
// What it prints it says to its debugger, too.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static char buffer[65536], text[65600];

static void say(void) {
  fputs(text, stdout);
  fflush(stdout);
  OutputDebugStringA(text);
}

int main(int argc, char **argv) {
  HANDLE input = GetStdHandle(STD_INPUT_HANDLE);
  unsigned long long total = 0, most = argc > 1 ? strtoull(argv[1], NULL, 10) : ~0ull;
  unsigned hash = 2166136261u;
  DWORD count = 0, error = 0;
  if (argc > 1 && strcmp(argv[1], "--never") == 0) {
    strcpy(text, "never\n");
    say();
    Sleep(1000);
    return 7;
  }
  if (argc > 1 && strcmp(argv[1], "--lines") == 0) {
    while (fgets(buffer, sizeof buffer, stdin)) {
      snprintf(text, sizeof text, "line %s", buffer);
      say();
    }
    strcpy(text, "end\n");
    say();
    return 7;
  }
  while (total < most) {
    DWORD wanted = most - total < sizeof buffer ? (DWORD)(most - total) : sizeof buffer;
    if (!ReadFile(input, buffer, wanted, &count, NULL)) {
      error = GetLastError();
      break;
    }
    if (count == 0) break;
    total += count;
    for (DWORD at = 0; at < count; at++) hash = (hash ^ (unsigned char)buffer[at]) * 16777619u;
  }
  const char *end = error == 0 || error == ERROR_BROKEN_PIPE ? "read" : "failed";
  snprintf(text, sizeof text, "%llu bytes, hash %u, %s\n", total, hash, end);
  say();
  return 7;
}
