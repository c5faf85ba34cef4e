// deno-lint-ignore-file no-debugger explicit-function-return-type -- what is debugged is plain JavaScript
import { one } from "./imported.mjs";
console.log("start", one, { a: 1 }, [1, "two"]);
try {
  throw new TypeError("first chance");
} catch {
  // Taken.
}
const late = await import("./late.mjs");
console.log("late", late.two);
function inner(secret) {
  debugger;
  return secret + 1;
}
inner(41);
console.log("end");
globalThis.process.exit(7);
