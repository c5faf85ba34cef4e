// deno-lint-ignore-file explicit-function-return-type -- what is debugged is plain JavaScript
// conform.mjs MODE FILE: the same as tests/debuggees/conform.c, which says more.
import { appendFileSync } from "node:fs";
import process from "node:process";
const [mode, file] = process.argv.slice(2);
const append = () => appendFileSync(file, ".");
function attempt() {
  try {
    throw new RangeError("handled");
  } catch {
    append();
  }
}
append();
if (mode === "ends") {
  await import("./late.mjs");
  console.log("loaded more");
  process.exit(7);
} else if (mode === "raises") {
  attempt();
  process.exit(7);
} else {
  setInterval(append, 10);
  setTimeout(() => process.exit(0), 60_000);
}
