// args ...: prints what it was started with as one line of JSON (UTF-8) on standard output.
// For launching: {"argc", "args", "folder", "latchTest"}, where latchTest is the variable LATCH_TEST or null.
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

static void print_string(const wchar_t *text) {
  int size = WideCharToMultiByte(CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL);
  unsigned char *bytes = malloc((size_t)size);
  WideCharToMultiByte(CP_UTF8, 0, text, -1, (char *)bytes, size, NULL, NULL);
  putchar('"');
  for (unsigned char *c = bytes; *c; c++) {
    if (*c == '"' || *c == '\\') printf("\\%c", *c);
    else if (*c < 0x20) printf("\\u%04x", *c);
    else putchar(*c);
  }
  putchar('"');
  free(bytes);
}

int main(void) {
  static wchar_t folder[32768], variable[32768];
  int argc;
  wchar_t **argv = CommandLineToArgvW(GetCommandLineW(), &argc);
  GetCurrentDirectoryW(32768, folder);
  SetLastError(0);
  GetEnvironmentVariableW(L"LATCH_TEST", variable, 32768);
  BOOL is_set = GetLastError() != ERROR_ENVVAR_NOT_FOUND;
  _setmode(_fileno(stdout), _O_BINARY);
  printf("{\"argc\":%d,\"args\":[", argc);
  for (int i = 0; i < argc; i++) {
    if (i) putchar(',');
    print_string(argv[i]);
  }
  printf("],\"folder\":");
  print_string(folder);
  printf(",\"latchTest\":");
  if (is_set) print_string(variable);
  else printf("null");
  printf("}\n");
  return 0;
}
