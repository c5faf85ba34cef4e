// demo: loads six DLLs, writes to a null pointer three calls deep, recovers and exits with code 42.
// For `deno task demo`: a little of everything that a debugger sees, with names and lines.
#include <windows.h>

static const wchar_t *const LIBRARIES[] = {L"version", L"psapi", L"bcrypt", L"ws2_32", L"iphlpapi", L"plugin"};

__attribute__((noinline)) static void write_total(int *total, int value) {
  *total = value;
}

__attribute__((noinline)) static void add_order(int *total, int price) {
  write_total(total, price * 2);
}

__attribute__((noinline)) static void read_orders(int *total) {
  for (int price = 10; price < 40; price += 10) add_order(total, price);
}

static int recover(void) {
  __try {
    read_orders(NULL);
    return 0;
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    return 42;
  }
}

int main(void) {
  for (unsigned i = 0; i < sizeof LIBRARIES / sizeof *LIBRARIES; i++) LoadLibraryW(LIBRARIES[i]);
  return recover();
}
