// Ends by an exception that nobody takes, while its other threads take memory and give it back.
#include <windows.h>

#define THREADS 6

__declspec(noinline) static void never_called(void) {
  OutputDebugStringA("never");
}

static DWORD WINAPI allocate(void *started) {
  for (InterlockedIncrement(started);;) {
    void *memory = VirtualAlloc(NULL, 1 << 16, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    VirtualFree(memory, 0, MEM_RELEASE);
  }
  return 0;
}

int main(int count, char **words) {
  (void)words;
  volatile LONG started = 0;
  if (count > 9) never_called();
  for (int thread = 0; thread < THREADS; thread++) CreateThread(NULL, 0, allocate, (void *)&started, 0, NULL);
  while (started < THREADS) SwitchToThread();
  RaiseException(0xe0001234, 0, 0, NULL);
  return 1;
}
