/** `--json NAME`: debugs a process and never leaves it by itself. */
import { attach } from "../../../mod.ts";

await using program = await attach(Deno.args.at(-1) ?? "");
console.log(JSON.stringify({ type: "finding", diagnostic: "hold", title: `holds ${program.name}` }));
await program.wait();
