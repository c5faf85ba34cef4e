// deno run --allow-net=127.0.0.1 --allow-run=node --allow-read examples/script.ts node script.mjs
import { connect, type DebugEventMap, type StackFrame } from "../mod.ts";

if (Deno.args.length === 0 || Deno.args[0] === "--help") {
  const flags = "--allow-net=127.0.0.1 --allow-run=node,deno --allow-read";
  console.error(`Usage: deno run ${flags} examples/script.ts node|deno SCRIPT [ARGUMENTS]`);
  Deno.exit(2);
}

/** The text of a frame's line. Only this needs --allow-read. */
function sourceLine({ file, line }: StackFrame): string {
  if (!file?.startsWith("file:") || line === null) return "";
  return Deno.readTextFileSync(new URL(file)).split("\n")[line - 1]?.trim() ?? "";
}

async function report(event: DebugEventMap["exception"]): Promise<void> {
  console.log(`${event.firstChance ? "thrown" : "uncaught"}: ${event.name}`);
  for (const frame of await event.program.thread(event.threadId).stack(8)) {
    if (/^(node|ext):/.test(frame.file ?? "")) continue; // the runtime's own
    console.log(`    ${frame.symbol ?? "(top level)"}  ${frame.file}:${frame.line}  ${sourceLine(frame)}`);
  }
}

try {
  await using runtimes = await connect("v8");
  const { session, port } = runtimes;
  const program = await session.launch(Deno.args, { port, on: { exception: report } });
  const { exitCode } = await program.run();
  console.log(`exit code ${exitCode}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exitCode = 1;
}
