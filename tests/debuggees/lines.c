// lines ROUNDS: steps by source lines are compared with what it says of itself. Each line with a T() notes its number when the main thread
// executes it; at the end a debug string says them all. Another thread runs through the same functions all the time.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static int g_lines[200000], g_count;
static volatile int g_total, g_over;
#define T(me) ((me) && g_count < 200000 ? (void)(g_lines[g_count++] = __LINE__) : (void)0)

static int add(int me, int one, int other) {
  T(me); int sum = one + other;
  T(me); return sum;
}

static int sum_to(int me, int last) {
  T(me); if (last <= 0)
    return 0;
  T(me); int rest = sum_to(me, last - 1);
  T(me); return add(me, rest, last);
}

static int short_one(int me) { T(me); return me; }

static int longest(int me, const char *one, const char *other) {
  T(me); size_t first = strlen(one);
  T(me); size_t second = strlen(other);
  T(me); return (int)(first > second ? first : second) + short_one(me) + short_one(me);
}

static int pick(int me, int what) {
  T(me); switch (what % 4) {
  case 0:
    T(me); return sum_to(me, what % 3);
  case 1:
    T(me); break;
  case 2:
    T(me); g_total += longest(me, "lantern", "lamp");
    // falls through
  default:
    T(me); what += 1;
  }
  T(me); return add(me,
                    what,
                    short_one(me));
}

__attribute__((noinline)) int rounds(int me, int count) {
  int total = 0;
  for (int i = 0; i < count; i++) {
    T(me); int picked = pick(me, i);
    T(me); total += picked;
    T(me); for (int j = 0; j < 2; j++) total += add(me, j, i); // all of the loop is one line
    T(me); if (i % 3 == 2) continue;
    T(me); total ^= i;
  }
  T(me); return total;
}

static DWORD WINAPI beside(void *unused) {
  (void)unused;
  while (!g_over) g_total += rounds(0, 3);
  return 0;
}

int main(int argc, char **argv) {
  HANDLE thread = CreateThread(NULL, 0, beside, NULL, 0, NULL);
  int result = rounds(1, argc > 1 ? atoi(argv[1]) : 3);
  g_over = 1;
  WaitForSingleObject(thread, INFINITE);
  char *text = malloc(16 + 8 * (size_t)g_count);
  char *end = text + sprintf(text, "lines:");
  for (int i = 0; i < g_count; i++) end += sprintf(end, " %d", g_lines[i]);
  for (char *part = text; part < end; part += 4000) {
    char line[4001] = "";
    strncpy(line, part, 4000);
    OutputDebugStringA(line);
  }
  return result & 0x7f;
}
