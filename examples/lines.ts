// deno run --allow-ffi examples/lines.ts app!main app.exe
import { launch } from "../mod.ts";

const [where = "--help", ...command] = Deno.args;
if (command.length === 0) {
  console.error("Usage: deno run --allow-ffi examples/lines.ts MODULE!FUNCTION PROGRAM [ARGUMENTS]");
  Deno.exit(2);
}

/** Lines that are shown. */
const MOST = 20;

try {
  await using program = await launch(command);
  await program.breakpoint(where, { once: true });
  const thread = program.thread((await program.next("breakpoint")).threadId);
  for (let shown = 0; shown < MOST; shown++) {
    const [frame] = await thread.stack(1);
    if (!frame?.file || frame.line === null) break; // where the function came from has no source
    const known = (await thread.locals()).filter(({ value }) => value); // at its first instruction a function has none
    const names = known.map(async ({ name, value }) => `${name} ${await value?.read()}`);
    console.log(`${frame.symbol}, line ${frame.line}: ${(await Promise.all(names)).join(", ")}`);
    const { reason } = await thread.stepOver({ unit: "line" });
    if (reason !== "step") break;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exitCode = 1;
}
