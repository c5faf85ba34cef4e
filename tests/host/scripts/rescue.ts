// Sets the program named by ARG 0 going, which a killed debugger left suspended.
import { attach } from "../../../mod.ts";

await using program = await attach(Deno.args[0] ?? "", { resume: true });
console.log(program.pid);
