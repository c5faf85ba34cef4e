/** Reads and sets a register. */
import { launch } from "../../../../mod.ts";

await using program = await launch(Deno.args);
const [thread] = await program.threads();
if (!thread) throw new Error("no thread");
const { rip } = await thread.registers();
await thread.writeRegister("rax", 1n);
console.log("works", typeof rip === "bigint");
