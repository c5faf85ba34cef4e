/** Changes a variable of a program. */
import { launch } from "../../../../mod.ts";

await using program = await launch(Deno.args);
const address = await program.addressOf("heartbeat!g_beats");
if (address === null) throw new Error("no symbols");
await program.memory.write(address, Uint8Array.of(42, 0, 0, 0));
console.log("works", true);
