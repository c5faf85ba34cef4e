/** Launches a program, and ends it. */
import { launch } from "../../../../mod.ts";

await using program = await launch(Deno.args);
console.log("works", program.state === "stopped");
await program.terminate();
