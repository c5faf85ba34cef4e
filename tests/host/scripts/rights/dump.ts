/** Writes a dump. */
import { launch } from "../../../../mod.ts";

const [path = "", ...command] = Deno.args;
await using program = await launch(command);
await program.writeDump(path);
console.log("works", true);
