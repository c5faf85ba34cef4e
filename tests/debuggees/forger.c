/* Prints what looks like messages of a host, and reads its standard input to its end: how much came is its exit code. */
#include <stdio.h>

int main(void) {
    static const char forged[] = "\0{\"id\":1,\"value\":\"forged\"}\nplain words\n\0not even JSON\n";
    fwrite(forged, 1, sizeof forged - 1, stdout);
    fflush(stdout);
    int count = 0;
    while (getchar() != EOF) {
        count++;
    }
    return count;
}
