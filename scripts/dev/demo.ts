/**
 * Shows what Latch does: Windows' Deno debugs a small program with `--allow-ffi` alone.
 *
 *     deno task demo
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildDebuggees } from "./debuggees.ts";
import { type Host, prepareHost } from "./host.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const NEXT = "Next: look at examples/, each with its command in the first line, or run the tests with deno task test";

/** Prepares what is missing, runs the demonstration and gives its exit code. */
async function demo(): Promise<number> {
  const start = performance.now();
  let isFresh = false;
  const log = (line: string): void => {
    if (!isFresh) console.log("Preparing, once; everything goes into the cache folder:");
    isFresh = true;
    console.log(`  ${line}`);
  };
  const host = await prepareHost(["wine", "compiler"], log);
  const program = await makeProgram(host, log);
  if (isFresh) console.log(`Prepared ${host.cache} in ${((performance.now() - start) / 1000).toFixed(0)} s\n`);
  const code = await runWithFfiOnly(host, "examples/demo.ts", program);
  if (code === 0) console.log(`\n${NEXT}`);
  return code;
}

/** On Windows a program without source and exception has to do where no compiler is installed. */
async function makeProgram(host: Host, log: (line: string) => void): Promise<string> {
  try {
    return host.windowsPath(join(await buildDebuggees(host, log), "demo.exe"));
  } catch (error) {
    if (host.kind === "wine") throw error;
    log("no clang with mingw here: whoami.exe is shown instead of our own program");
    return "whoami.exe";
  }
}

/** Its output comes through a pipe: Wine's console would paint over what stands in the terminal. */
async function runWithFfiOnly(host: Host, ...args: string[]): Promise<number> {
  const where = host.kind === "wine" ? "Wine" : "Windows";
  // On Windows the engine is in our own cache, which LATCH_ENGINE tells; the Wine host has it where scripts look.
  const rights = host.kind === "wine" ? ["--allow-ffi"] : ["--allow-ffi", "--allow-env=LATCH_ENGINE"];
  console.log(`$ deno run ${[...rights, ...args].join(" ")}   (in ${where})\n`);
  const isPlain = Deno.noColor || !Deno.stdout.isTerminal();
  const env = isPlain ? { NO_COLOR: "1" } : { FORCE_COLOR: "1" };
  const command = host.command("deno.exe", ["run", ...rights, ...args], {
    cwd: ROOT,
    env,
    stdout: "piped",
    stderr: "inherit",
  });
  const child = command.spawn();
  for await (const part of child.stdout) await Deno.stdout.write(part);
  return (await child.status).code;
}

if (import.meta.main) {
  try {
    Deno.exitCode = await demo();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exitCode = 1;
  }
}
