// deno run --allow-ffi examples/attach.ts 4242
import { attach, type DebugEvent } from "../mod.ts";

const [target] = Deno.args;
if (!target || target === "--help") {
  console.error("Usage: deno run --allow-ffi examples/attach.ts PID|NAME");
  Deno.exit(2);
}

function hex(value: bigint): string {
  return value.toString(16).padStart(16, "0");
}

function describe(event: DebugEvent): string {
  if (event.type === "loadModule") return `${hex(event.module.base)} ${event.module.imageName}`;
  if (event.type === "unloadModule") return `${hex(event.base)} ${event.imageName}`;
  if (event.type === "exception") return `${event.name} at ${hex(event.address)}`;
  if (event.type === "exitThread" || event.type === "exitProcess") return `code ${event.exitCode}`;
  if (event.type === "programDestroy") return event.reason;
  if (event.type === "output") return event.text.trimEnd();
  return "";
}

try {
  // Leaving this block, by the end of the program, an error or Ctrl-C, detaches: the program runs on.
  await using program = await attach(/^\d+$/.test(target) ? Number(target) : target);
  console.log(`${program.name}, process ${program.pid}`);
  for (const { base, size, imageName } of await program.modules()) {
    console.log(`  ${hex(base)} ${String(size).padStart(9)} ${imageName}`);
  }
  for (const thread of await program.threads()) {
    const [frame] = await thread.stack(1);
    console.log(`  thread ${thread.threadId} in ${frame?.symbol ?? "?"}`);
  }
  console.log("events until Ctrl-C:");
  for await (const event of program.events()) console.log(event.type, event.threadId, describe(event));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exitCode = 1;
}
