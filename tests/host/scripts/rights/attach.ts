/** Attaches to a process by its name, and lets it go. */
import { attach } from "../../../../mod.ts";

const [name = ""] = Deno.args;
await using program = await attach(name);
console.log("works", program.name === name);
