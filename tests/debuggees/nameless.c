// nameless: writes to a null pointer. For names: it exports nothing and has no PDB, so nothing in its file says what it is called.
int *volatile nowhere;

int main(void) {
  *nowhere = 1;
  return 0;
}
