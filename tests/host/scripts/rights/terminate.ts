/** Ends a process that others have started. */
import { attach } from "../../../../mod.ts";

const [name = ""] = Deno.args;
await using program = await attach(name);
await program.terminate();
console.log("works", program.end?.reason === "terminated");
