// deno run --allow-ffi examples/two_programs.ts a.exe b.exe
import { DebugSession } from "../mod.ts";

const [first, second] = Deno.args;
if (!first || !second) {
  console.error("Usage: deno run --allow-ffi examples/two_programs.ts PROGRAM PROGRAM");
  Deno.exit(2);
}

try {
  await using session = new DebugSession();
  // One handler for both: every event names its program.
  session.on("loadModule", ({ program, module }) => console.log(program.name, program.pid, "loads", module.name));
  session.on("exitProcess", ({ program, exitCode }) => console.log(program.name, program.pid, "exits", exitCode));
  const a = await session.launch(first);
  // A handler for one of them.
  a.on("exception", ({ program, name }) => console.log(program.name, program.pid, "raises", name));
  await session.launch(second);
  while ((await session.wait()).reason !== "ended");
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exitCode = 1;
}
