// Sends debug strings of all sorts: narrow, wide, beyond ASCII, empty, without a line end, long.
// For output events: what a debugger is told, and that nothing else is.
#include <windows.h>

int main(void) {
  static char long_line[2001];
  OutputDebugStringA("plain narrow line\n");
  OutputDebugStringW(L"plain wide line\n");
  OutputDebugStringW(L"gr\u00fc\u00dfe, \u4e16\u754c\n");
  OutputDebugStringA("gr\xfc\xdf" "e in the ANSI code page\n");
  OutputDebugStringA("two\nlines\n");
  OutputDebugStringA("");
  OutputDebugStringA("no line end");
  for (int i = 0; i < 1999; i++) long_line[i] = (char)('a' + i % 26);
  long_line[1999] = '\n';
  OutputDebugStringA(long_line);
  OutputDebugStringA("last line\n");
  return 0;
}
