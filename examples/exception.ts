// deno run --allow-ffi examples/exception.ts app.exe
import { type DebugEventMap, launch } from "../mod.ts";

if (Deno.args.length === 0 || Deno.args[0] === "--help") {
  console.error("Usage: deno run --allow-ffi examples/exception.ts PROGRAM [ARGUMENTS]");
  Deno.exit(2);
}

async function report(event: DebugEventMap["exception"]): Promise<"goNotHandled"> {
  const { program, threadId, name, address, firstChance } = event;
  console.log(`${firstChance ? "first" : "second"} chance: ${name} at 0x${address.toString(16)}`);
  for (const { symbol, address, file, line } of await program.thread(threadId).stack(16)) {
    console.log(`    ${symbol ?? `0x${address.toString(16)}`}${file ? `  ${file}:${line}` : ""}`);
  }
  if (!firstChance) {
    const path = `${program.name}.${program.pid}.dmp`;
    await program.writeDump(path, { comment: name });
    console.log(`wrote ${path}`);
  }
  return "goNotHandled"; // the program's own handlers get it, as without a debugger
}

try {
  await using program = await launch(Deno.args, { on: { exception: report } });
  await program.wait();
  console.log(`exit code 0x${((program.end?.exitCode ?? 0) >>> 0).toString(16)}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exitCode = 1;
}
