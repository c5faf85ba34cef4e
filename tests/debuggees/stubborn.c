// Exits at once with code 5.
// For the race between attaching to a process and its end.
int main(void) {
  return 5;
}
