/** Runs a command of the engine's. */
import { launch } from "../../../../mod.ts";

await using program = await launch(Deno.args);
console.log("works", /heartbeat/.test(await program.execute("lm")));
