// deno run --allow-ffi examples/deadline.ts slow.exe 5000
import { launch } from "../mod.ts";

const [command, milliseconds] = Deno.args;
if (!command || !(Number(milliseconds) > 0)) {
  console.error("Usage: deno run --allow-ffi examples/deadline.ts PROGRAM MILLISECONDS");
  Deno.exit(2);
}

try {
  await using program = await launch(command);
  try {
    await program.wait({ signal: AbortSignal.timeout(Number(milliseconds)) });
    console.log(`exit code ${program.end?.exitCode}`);
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "TimeoutError")) throw error;
    // The wait was given up, which stopped the program: it can be looked into.
    console.log(`${program.name} still runs after ${milliseconds} ms:`);
    for (const thread of await program.threads()) {
      const frames = await thread.stack(12);
      console.log(`  thread ${thread.threadId}`);
      for (const { symbol, file, line } of frames) {
        console.log(`    ${symbol ?? "?"}${file ? `  ${file}:${line}` : ""}`);
      }
    }
    await program.terminate();
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exitCode = 1;
}
