// latch run --allow-declared examples/confined.ts app.exe
import { type DebugEventMap, launch } from "../mod.ts";

/** What it needs. `latch run` shows that before it runs, and grants it only with --allow-declared. */
export const rights = ["--allow-launch", "--allow-read-memory"];

if (Deno.args.length === 0 || Deno.args[0] === "--help") {
  console.error("Usage: latch run --allow-declared examples/confined.ts PROGRAM [ARGUMENTS]");
  Deno.exit(2);
}

/** The code at an address; without --allow-read-memory it says so, and the rest goes on. */
async function codeAt({ program, address }: DebugEventMap["exception"]): Promise<string> {
  try {
    return (await program.memory.read(address, 8)).toHex();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return `(${error.message})`;
    throw error;
  }
}

await using program = await launch(Deno.args, {
  on: {
    exception: async (event) => {
      const where = await event.program.nameAt(event.address);
      console.log(`${event.name} in ${where?.symbol ?? "?"}: ${await codeAt(event)}`);
    },
  },
});
const { exitCode } = await program.run();
console.log(`exit code ${exitCode}`);
