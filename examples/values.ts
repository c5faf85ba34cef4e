// deno run --allow-ffi examples/values.ts app.exe
import { launch, type Program } from "../mod.ts";

if (Deno.args.length === 0 || Deno.args[0] === "--help") {
  console.error("Usage: deno run --allow-ffi examples/values.ts PROGRAM [ARGUMENTS]");
  Deno.exit(2);
}

/** Each function with the values of its parameters and locals. */
async function explain(program: Program, threadId: number): Promise<void> {
  const thread = program.thread(threadId);
  for (const [frame, { symbol, line }] of (await thread.stack(16)).entries()) {
    console.log(`${symbol}${line === null ? "" : `, line ${line}`}`);
    for (const { name, kind, value } of await thread.locals(frame)) {
      const read = await value?.read().catch(String); // what it is in may be gone
      console.log(`    ${kind} ${value?.type ?? ""} ${name} =`, value ? read : "(optimized away)");
    }
  }
}

try {
  await using program = await launch(Deno.args, {
    on: {
      async exception({ program, threadId, name, firstChance }): Promise<"goNotHandled"> {
        if (!firstChance) {
          console.log(name);
          await explain(program, threadId);
        }
        return "goNotHandled";
      },
    },
  });
  await program.wait();
  console.log(`exit code 0x${((program.end?.exitCode ?? 0) >>> 0).toString(16)}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exitCode = 1;
}
