// heartbeat FILE PERIOD_MS [--seconds S] [--pauses] [--raise] [--threads] [--prints]: writes a growing counter over the file, for ever or for S seconds.
// For attach and detach: the file shows from outside whether the program is alive, held or gone. With --pauses the counter
// follows the longest time in milliseconds between two beats so far; with --raise every beat raises an exception of its own, with
// --threads there are threads that begin and end all the time, with --prints every beat prints 64 KB.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

enum { BEAT_RAISED = 0xe0bea7 };

volatile unsigned long g_beats;

static ULONGLONG longest_pause(void) {
  static ULONGLONG last, longest;
  ULONGLONG now = GetTickCount64();
  if (last && now - last > longest) longest = now - last;
  last = now;
  return longest;
}

static void beat(HANDLE file, BOOL pauses) {
  char line[48];
  DWORD written;
  ULONGLONG pause = longest_pause();
  int length = pauses ? snprintf(line, sizeof line, "%llu %lu\n", pause, ++g_beats)
                      : snprintf(line, sizeof line, "%lu\n", ++g_beats);
  SetFilePointer(file, 0, NULL, FILE_BEGIN);
  WriteFile(file, line, (DWORD)length, &written, NULL);
  FlushFileBuffers(file);
}

static void print(void) {
  static char text[1 << 16];
  DWORD written;
  memset(text, '.', sizeof text);
  WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), text, sizeof text, &written, NULL);
}

static void raise_handled(void) {
  __try {
    RaiseException(BEAT_RAISED, 0, 0, NULL);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
  }
}

static DWORD WINAPI end_at_once(void *nothing) {
  (void)nothing;
  return 0;
}

static DWORD WINAPI start_threads(void *nothing) {
  (void)nothing;
  for (;;) {
    HANDLE thread = CreateThread(NULL, 0, end_at_once, NULL, 0, NULL);
    if (!thread) continue;
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
  }
}

static BOOL has(int argc, char **argv, const char *option) {
  for (int i = 3; i < argc; i++) {
    if (strcmp(argv[i], option) == 0) return TRUE;
  }
  return FALSE;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  DWORD period = (DWORD)atoi(argv[2]);
  double seconds = argc > 4 && strcmp(argv[3], "--seconds") == 0 ? atof(argv[4]) : 0;
  BOOL pauses = has(argc, argv, "--pauses"), raises = has(argc, argv, "--raise"), prints = has(argc, argv, "--prints");
  DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
  HANDLE file = CreateFileA(argv[1], GENERIC_WRITE, share, NULL, CREATE_ALWAYS, 0, NULL);
  if (file == INVALID_HANDLE_VALUE) return 1;
  if (has(argc, argv, "--threads")) CloseHandle(CreateThread(NULL, 0, start_threads, NULL, 0, NULL));
  ULONGLONG start = GetTickCount64();
  while (seconds == 0 || (double)(GetTickCount64() - start) < seconds * 1000) {
    beat(file, pauses);
    if (raises) raise_handled();
    if (prints) print();
    Sleep(period);
  }
  return 0;
}
