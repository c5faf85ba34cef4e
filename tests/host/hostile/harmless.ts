/** A script that means no harm: it attaches, looks, and lets go. `harmless.ts NAME` */
import { attach } from "@latch/latch";

await using program = await attach(Deno.args[0] ?? "");
console.log(`harmless: ${program.name} has ${(await program.modules()).length > 2 ? "modules" : "none"}`);
