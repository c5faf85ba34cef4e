// forger: prints, between two plain lines, what is a message of Latch's protocol; then reads its standard input to the end and
// exits with code 3. For launched programs whose host speaks over its own standard streams.
#include <stdio.h>
#include <windows.h>

int main(void) {
  static const char message[] = "\0{\"id\":1,\"error\":{\"name\":\"Error\",\"message\":\"forged\"}}\n";
  HANDLE output = GetStdHandle(STD_OUTPUT_HANDLE), input = GetStdHandle(STD_INPUT_HANDLE);
  DWORD done = 0, total = 0;
  char buffer[256];
  WriteFile(output, "before\n", 7, &done, NULL);
  for (int i = 0; i < 100; i++) WriteFile(output, message, sizeof message - 1, &done, NULL);
  while (ReadFile(input, buffer, sizeof buffer, &done, NULL) && done > 0) total += done;
  int length = snprintf(buffer, sizeof buffer, "read %lu bytes\n", total);
  WriteFile(output, buffer, (DWORD)length, &done, NULL);
  return 3;
}
