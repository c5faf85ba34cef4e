// Reads its standard input to the end, prints its length and sum, and ends.
import process from "node:process";

let [length, sum] = [0, 0];
for await (const part of process.stdin) {
  length += part.length;
  for (const byte of part) sum = (sum + byte) % 65521;
}
console.log(`${length} bytes, sum ${sum}`);
