/** Prints what could be taken for messages or questions, and ends well. */
import { print } from "./raw.ts";

print("\x1b]0;another title\x07\x1b[2J\x1b[H\x1bcplain\x9b31m\x08\x7f\r\n");
print("\x1b]52;c;aGk=\x07\x1b[?1049h\x1b[6n\x1bP+q\x1b\\end of control\n");
print("a frame that is never finished: \0{");
