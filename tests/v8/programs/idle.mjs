// Writes into its file (the first argument) now and then; ends by itself after a minute.
import { appendFileSync } from "node:fs";
import process from "node:process";
const file = process.argv[2];
appendFileSync(file, `pid ${process.pid}\n`);
globalThis.ticks = 0;
setInterval(() => {
  globalThis.ticks++;
  appendFileSync(file, "tick\n");
}, 100);
setTimeout(() => process.exit(3), 60_000);
