// Is in a system call for eight seconds.
import { execFileSync } from "node:child_process";
console.log("blocking");
execFileSync("sleep", ["8"]);
console.log("free");
