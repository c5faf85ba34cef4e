// printer LINES: prints so many lines of 61 characters, each with its number, as fast as they are taken; then exits with code 4. For what
// passes through Latch on its way to somebody else.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

enum { LINE = 61, LINES_AT_ONCE = 512 };

int main(int count, char **arguments) {
  static char buffer[LINE * LINES_AT_ONCE + 1];
  HANDLE output = GetStdHandle(STD_OUTPUT_HANDLE);
  unsigned long lines = count > 1 ? strtoul(arguments[1], NULL, 10) : 0;
  for (unsigned long line = 0; line < lines;) {
    DWORD length = 0, written = 0;
    for (int some = 0; some < LINES_AT_ONCE && line < lines; some++, line++) {
      length += (DWORD)sprintf(buffer + length, "%08lu %051d\n", line, 0);
    }
    for (DWORD at = 0; at < length; at += written) {
      if (!WriteFile(output, buffer + at, length - at, &written, NULL)) return 1;
    }
  }
  return 4;
}
