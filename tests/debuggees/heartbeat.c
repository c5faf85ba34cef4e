// heartbeat FILE PERIOD_MS [--seconds S]: writes a growing counter over the file, for ever or for S seconds.
// For attach and detach: the file shows from outside whether the program is alive, held or gone.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

volatile unsigned long g_beats;

static void beat(HANDLE file) {
  char line[32];
  DWORD written;
  int length = snprintf(line, sizeof line, "%lu\n", ++g_beats);
  SetFilePointer(file, 0, NULL, FILE_BEGIN);
  WriteFile(file, line, (DWORD)length, &written, NULL);
  FlushFileBuffers(file);
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  DWORD period = (DWORD)atoi(argv[2]);
  double seconds = argc > 4 && strcmp(argv[3], "--seconds") == 0 ? atof(argv[4]) : 0;
  DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
  HANDLE file = CreateFileA(argv[1], GENERIC_WRITE, share, NULL, CREATE_ALWAYS, 0, NULL);
  if (file == INVALID_HANDLE_VALUE) return 1;
  ULONGLONG start = GetTickCount64();
  while (seconds == 0 || (double)(GetTickCount64() - start) < seconds * 1000) {
    beat(file);
    Sleep(period);
  }
  return 0;
}
