// deno run --allow-ffi examples/dump.ts crash.dmp
import { openDump } from "../mod.ts";

const [path, symbolPath = ""] = Deno.args;
if (!path || path === "--help") {
  console.error("Usage: deno run --allow-ffi examples/dump.ts DUMP [SYMBOLS]");
  Deno.exit(2);
}

try {
  await using dump = await openDump(path, { symbolPath });
  const { exception } = dump;
  const what = exception ? `${exception.name} at 0x${exception.address.toString(16)}` : "no exception";
  console.log(`${dump.name}, process ${dump.processId}: ${what}`);
  const thread = dump.thread();
  for (const [frame, { symbol, line }] of (await thread.stack(16)).entries()) {
    console.log(`${symbol}${line === null ? "" : `, line ${line}`}`);
    for (const { name, value } of await thread.locals(frame)) {
      const read = await value?.read().catch(String); // a small dump has not all of it
      console.log(`    ${value?.type ?? ""} ${name} =`, value ? read : "(optimized away)");
    }
  }
  console.log(`${(await dump.threads()).length} threads, ${(await dump.modules()).length} modules`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exitCode = 1;
}
