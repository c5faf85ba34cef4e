// Functions whose names have the signs of the engine's patterns in them, as C++'s operators and templates do.
int times(int) __asm__("operator*");
int times_assign(int) __asm__("operator*=");
int at(int) __asm__("operator[]");
int holds(int) __asm__("holds<int *>");

int times(int number) { return number * 3; }
int times_assign(int number) { return number * 5; }
int at(int number) { return number * 7; }
int holds(int number) { return number * 11; }

int main(int count, char **arguments) {
  (void)arguments;
  return times(count) + times_assign(count) + at(count) + holds(count) == 26 ? 0 : 1;
}
