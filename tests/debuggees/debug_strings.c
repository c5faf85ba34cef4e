// debug_strings SORT…: sends one debug string for each word: wN a wide one of N characters, nN a narrow one. Each begins with its word
// and goes on with the alphabet; in wide ones every fifth character is U+4E16. Words of other forms are sent as they are, wide.
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static void say(const char *word, int length, BOOL is_wide) {
  wchar_t *text = calloc((size_t)length + 1, sizeof *text);
  char *narrow = calloc((size_t)length + 1, 1);
  int named = (int)strlen(word);
  for (int i = 0; i < length; i++) {
    narrow[i] = i < named ? word[i] : (char)('a' + i % 26);
    text[i] = i >= named && i % 5 == 0 ? L'\u4e16' : (wchar_t)narrow[i];
  }
  if (is_wide) OutputDebugStringW(text);
  else OutputDebugStringA(narrow);
  free(text);
  free(narrow);
}

int main(int count, char **words) {
  for (int i = 1; i < count; i++) {
    int length = atoi(words[i] + 1);
    if (length > 0) say(words[i], length, words[i][0] == 'w');
    else say(words[i], (int)strlen(words[i]), TRUE);
  }
  return 0;
}
