/**
 * Everything that must hold before a change is done: `deno task ok`. All gates run, also when one has failed, and then the tests, those
 * that `deno task test` leaves out included. With `--long=MINUTES` those that have long counts run with them as well, as many as fit into that time, and after them the
 * mutations for native tests (`mutate.ts`). The last line adds all up.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readTotals, sum, type Totals, totalsLine } from "./gates/results.ts";

const ROOT = new URL("../../", import.meta.url);

/** Gates and the arguments that this Deno takes for each; paths that do not exist are left out. */
const GATES: Readonly<Record<string, readonly string[]>> = {
  format: ["fmt", "--check"],
  lint: ["lint", "--quiet"],
  layers: ["run", "-A", "scripts/dev/layers.ts"],
  types: ["check", "--quiet", "mod.ts", "lib", "scripts", "tests", "examples"],
  documentation: ["doc", "--lint", "--quiet", "mod.ts", "lib/symbols/mod.ts"],
  "documentation examples": [
    "check",
    "--quiet",
    "--doc-only",
    "mod.ts",
    "lib/api",
    "lib/script/mod.ts",
    "lib/symbols",
    "README.md",
  ],
  "generated tables": ["run", "-A", "scripts/dev/generate.ts", "--check"],
  "generated bundles": ["run", "-A", "scripts/dev/bundle.ts", "--check"],
};

/** Paths that a gate passes over while there is nothing there. */
const OPTIONAL = ["examples", "README.md"];

function exists(path: string): boolean {
  try {
    Deno.statSync(new URL(path, ROOT));
    return true;
  } catch {
    return false;
  }
}

/** Runs one gate; what it says is shown when it fails. */
async function runGate(name: string, gate: readonly string[]): Promise<Totals> {
  const start = performance.now();
  const args = gate.filter((argument) => !OPTIONAL.includes(argument) || exists(argument));
  const { success, stdout, stderr } = await deno(args).output();
  console.log(`${secondsSince(start)} s  ${name}: ${success ? "ok" : `FAILED (deno ${args.join(" ")})`}`);
  if (!success) { for (const text of [stdout, stderr]) console.log(new TextDecoder().decode(text).trimEnd()); }
  return { passed: Number(success), failed: Number(!success), skipped: 0 };
}

/** Runs tests by their own command, whose output is passed on as it comes. */
async function runTests(...words: string[]): Promise<Totals> {
  const start = performance.now();
  const child = deno(["task", "--quiet", "test", ...words], { stderr: "inherit" }).spawn();
  let output = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    output = (output + part).slice(-1_000);
    await Deno.stdout.write(new TextEncoder().encode(part));
  }
  const { success } = await child.status;
  console.log(`${secondsSince(start)} s  deno task test ${words.join(" ")}\n`);
  const totals = readTotals(output) ?? { passed: 0, failed: 1, skipped: 0 };
  return success || totals.failed > 0 ? totals : { ...totals, failed: 1 };
}

function deno(args: readonly string[], options: Deno.CommandOptions = {}): Deno.Command {
  const piped = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  return new Deno.Command(Deno.execPath(), { args: [...args], cwd: fileURLToPath(ROOT), ...piped, ...options });
}

function secondsSince(start: number): string {
  return ((performance.now() - start) / 1000).toFixed(1).padStart(7);
}

if (import.meta.main) {
  const { long } = parseArgs({ args: Deno.args, options: { long: { type: "string" } } }).values;
  const results: Totals[] = [];
  for (const [name, gate] of Object.entries(GATES)) results.push(await runGate(name, gate));
  results.push(await runTests(), await runTests("--rest"));
  if (long !== undefined) {
    results.push(await runTests("--long", `--minutes=${long}`));
    results.push(await runGate("mutations", ["run", "-A", "scripts/dev/mutate.ts", "--native"]));
  }
  const totals = sum(results);
  console.log(totalsLine(totals));
  Deno.exitCode = totals.failed === 0 ? 0 : 1;
}
