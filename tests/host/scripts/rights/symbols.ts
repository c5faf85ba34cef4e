/** Looks for symbols in a folder. */
import { DebugSession } from "../../../../mod.ts";

const [symbolPath = "", ...command] = Deno.args;
await using session = new DebugSession({ symbolPath });
const program = await session.launch(command);
console.log("works", await program.addressOf("heartbeat!main") !== null);
