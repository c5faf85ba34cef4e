// Is in a system call until its file (the first argument) is there, for a minute at most; a second one, FILE.begun, tells that it is.
import { execFileSync } from "node:child_process";
import process from "node:process";
const wait = ': > "$0.begun"; for i in $(seq 600); do [ -e "$0" ] && exit; sleep 0.1; done';
console.log("blocking");
execFileSync("sh", ["-c", wait, process.argv[2]]);
console.log("free");
