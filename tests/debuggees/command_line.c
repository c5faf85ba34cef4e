// command_line [anything]: prints its command line and the path of its file, as Windows tells them to it, in UTF-8 with a zero after each; then
// waits for the end of its standard input.
#include <windows.h>

static void say(const WCHAR *text) {
  static char buffer[200000];
  DWORD done = 0;
  int size = WideCharToMultiByte(CP_UTF8, 0, text, -1, buffer, sizeof buffer, NULL, NULL);
  WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), buffer, (DWORD)size, &done, NULL);
}

int main(void) {
  static WCHAR path[32768];
  char byte;
  DWORD done = 0;
  GetModuleFileNameW(NULL, path, 32768);
  say(GetCommandLineW());
  say(path);
  while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), &byte, 1, &done, NULL) && done > 0) {}
  return 0;
}
