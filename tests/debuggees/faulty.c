// faulty: writes to a null pointer, three calls below main. For the README's tour of latch, which shows its lines.
__attribute__((noinline)) static void write_price(int *price, int value) {
  *price = value;
}

__attribute__((noinline)) static int add_item(int *price, int items) {
  write_price(price, items * 3);
  return items + 1;
}

__attribute__((noinline)) static int fill_order(int items) {
  return add_item(0, items) + 1;
}

int main(void) {
  return fill_order(2);
}
