/** Reads the beginning of a program's image, and evaluates an expression. */
import { launch } from "../../../../mod.ts";

await using program = await launch(Deno.args);
const { base } = program.image;
const bytes = await program.memory.read(base, 2);
const word = await program.evaluate(`wo(0x${base.toString(16)})`);
console.log("works", new TextDecoder().decode(bytes) === "MZ" && word === 0x5a4dn);
