// raises fast N: a fast fail with that number. raises CODE…: raises an exception of each code and handles it. For names of exceptions.
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static void fail_fast(unsigned code) {
  __asm__ volatile("int $0x29" : : "c"(code));
}

int main(int count, char **words) {
  if (count == 3 && strcmp(words[1], "fast") == 0) fail_fast((unsigned)atoi(words[2]));
  for (int i = 1; i < count; i++) {
    __try {
      RaiseException((DWORD)strtoul(words[i], NULL, 16), 0, 0, NULL);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
    }
  }
  return 0;
}
