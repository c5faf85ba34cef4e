// conform MODE FILE: the same as tests/v8/programs/conform.mjs, for the tests that run against every engine.
// Appends a byte to FILE first: from outside it shows that the program's own code runs. Then, by MODE:
//   ends    loads plugin.dll (beside this program), sends a debug string and exits with code 7
//   raises  raises the exception 0xE0001234, handles it itself, appends another byte and exits with code 7
//   lives   appends a byte every 10 ms, for a minute
#include <stdio.h>
#include <string.h>
#include <windows.h>

enum { OWN_CODE = (int)0xE0001234, LIFE_MS = 60000 };

static HANDLE g_file;

static void append(void) {
  DWORD written;
  WriteFile(g_file, ".", 1, &written, NULL);
  FlushFileBuffers(g_file);
}

__attribute__((noinline)) static void attempt(void) {
  __try {
    RaiseException((DWORD)OWN_CODE, 0, 0, NULL);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    append();
  }
}

static int load_more(void) {
  if (!LoadLibraryW(L"plugin.dll")) return 1;
  OutputDebugStringA("loaded more\n");
  return 7;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
  g_file = CreateFileA(argv[2], FILE_APPEND_DATA, share, NULL, OPEN_ALWAYS, 0, NULL);
  if (g_file == INVALID_HANDLE_VALUE) return 1;
  ULONGLONG start = GetTickCount64();
  append();
  if (strcmp(argv[1], "ends") == 0) return load_more();
  if (strcmp(argv[1], "raises") == 0) {
    attempt();
    return 7;
  }
  while (GetTickCount64() - start < LIFE_MS) {
    append();
    Sleep(10);
  }
  return 0;
}
