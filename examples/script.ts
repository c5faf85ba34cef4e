// deno run --allow-net --allow-run examples/script.ts script.mjs
import { type DebugEventMap, DebugSession } from "../mod.ts";

if (Deno.args.length === 0 || Deno.args[0] === "--help") {
  console.error("Usage: deno run --allow-net --allow-run examples/script.ts [node|deno] SCRIPT [ARGUMENTS]");
  Deno.exit(2);
}

const path = (url: string): string => url.startsWith("file:") ? decodeURIComponent(new URL(url).pathname) : url;

async function report(event: DebugEventMap["exception"]): Promise<void> {
  const { program, threadId, name, firstChance } = event;
  console.log(`${firstChance ? "thrown" : "uncaught"}: ${name}`);
  for (const { symbol, file, line } of await program.thread(threadId).stack(8)) {
    if (!file?.startsWith("node:")) console.log(`    ${symbol ?? "(top level)"}  ${path(file ?? "?")}:${line}`);
  }
}
