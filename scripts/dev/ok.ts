/**
 * Everything that must hold before a change is done: `deno task ok`. All gates run, also when one has failed.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { runTests } from "./test.ts";

const ROOT = new URL("../../", import.meta.url);

/** Gates and the arguments that this Deno takes for each; paths that do not exist are left out. */
const GATES: Readonly<Record<string, readonly string[]>> = {
  format: ["fmt", "--check"],
  lint: ["lint", "--quiet"],
  layers: ["run", "-A", "scripts/dev/layers.ts"],
  types: ["check", "--quiet", "mod.ts", "lib", "scripts", "tests", "examples"],
  documentation: ["doc", "--lint", "--quiet", "mod.ts"],
  "documentation examples": ["check", "--quiet", "--doc-only", "mod.ts", "lib/api", "lib/script/mod.ts", "README.md"],
  "generated tables": ["run", "-A", "scripts/dev/generate.ts", "--check"],
  "generated worker": ["run", "-A", "scripts/dev/bundle.ts", "--check"],
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
async function runGate(name: string, gate: readonly string[]): Promise<boolean> {
  const start = performance.now();
  const args = gate.filter((argument) => !OPTIONAL.includes(argument) || exists(argument));
  const options = { args, cwd: fileURLToPath(ROOT), stdin: "null" } as const;
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), options).output();
  const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(7);
  console.log(`${seconds} s  ${name}: ${success ? "ok" : `FAILED (deno ${args.join(" ")})`}`);
  if (!success) { for (const text of [stdout, stderr]) console.log(new TextDecoder().decode(text).trimEnd()); }
  return success;
}

if (import.meta.main) {
  const failed: string[] = [];
  for (const [name, gate] of Object.entries(GATES)) {
    if (!await runGate(name, gate)) failed.push(name);
  }
  const start = performance.now();
  const { isGood, line } = await runTests([]);
  if (!isGood) failed.push("tests");
  console.log(`${((performance.now() - start) / 1000).toFixed(1).padStart(7)} s  tests`);
  if (failed.length > 0) console.log(`Gates that failed: ${failed.join(", ")}`);
  console.log(line);
  Deno.exitCode = failed.length === 0 ? 0 : 1;
}
