/**
 * Makes the code wrong in small ways, one after another in a copy of the tree, and looks whether the tests notice.
 *
 *     deno task mutate [words of names or files] [--native] [--timeout=SECONDS]
 *
 * `--native` leaves out those for tests that start Windows programs. A line tells of each mutation, then of those that no test has noticed.
 * Exit code: 1 if there are any that are not marked as equivalent, or as noticed by chance only, 2 if the table or the tests are wrong.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Copy, type Run } from "./mutate/copy.ts";
import type { Mutation } from "./mutate/mutation.ts";
import { MUTATIONS } from "./mutate/table.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Tests that need Windows' Deno or a program of Windows. */
const FOREIGN = ["live/", "host/"];

/** The mutations that a command line asks for. @throws {TypeError} where there are none. */
function choose(words: readonly string[], isNative: boolean): Mutation[] {
  const chosen = MUTATIONS.filter(({ name, file, tests }) =>
    (words.length === 0 || words.some((word) => name.includes(word) || file.includes(word))) &&
    !(isNative && tests.some((test) => FOREIGN.some((folder) => test.includes(folder))))
  );
  if (chosen.length === 0) throw new TypeError(`There is no such mutation: ${words.join(" ")}`);
  return chosen;
}

/** What is said of a mutation. */
type Word = "killed" | "killed by time" | "equivalent" | "by chance" | "SURVIVED" | "FAULT";

/** A mutation, and what came of it. */
interface Told {
  readonly mutation: Mutation;
  readonly word: Word;
  /** What a fault is. */
  readonly fault?: string;
}

/** Runs mutations; gives the exit code. */
export async function mutate(
  mutations: readonly Mutation[],
  copy: Copy,
  say: (line: string) => void = console.log,
): Promise<number> {
  const untouched = new Map<string, Run>();
  const all: Told[] = [];
  for (const mutation of mutations) {
    const words = mutation.tests.join(" ");
    const clean = untouched.get(words) ?? await copy.test(mutation.tests);
    untouched.set(words, clean);
    const begin = performance.now();
    const told = clean.verdict === "passed"
      ? toldOf(mutation, await copy.testWith(mutation))
      // They would notice everything.
      : faultOf(mutation, `its tests fail without it: deno task test ${words}`, clean);
    const seconds = ((performance.now() - begin) / 1000).toFixed(1).padStart(7);
    say(`${seconds} s  ${told.word.padEnd(14)}  ${mutation.name}: ${mutation.file}`);
    all.push(told);
  }
  return conclude(all, say);
}

function toldOf(mutation: Mutation, run: Run): Told {
  if (run.verdict === "broken") return faultOf(mutation, "its tests could not run", run);
  if (run.verdict !== "passed") return { mutation, word: run.verdict === "failed" ? "killed" : "killed by time" };
  if (mutation.equivalent !== undefined) return { mutation, word: "equivalent" };
  return { mutation, word: mutation.byChance === undefined ? "SURVIVED" : "by chance" };
}

function faultOf(mutation: Mutation, reason: string, { output }: Run): Told {
  return { mutation, word: "FAULT", fault: `${reason}\n${end(output)}` };
}

function conclude(all: readonly Told[], say: (line: string) => void): number {
  const { SURVIVED: survivors = [], FAULT: faults = [], "by chance": lucky = [] } = Object.groupBy(
    all,
    ({ word }) => word,
  );
  say("");
  for (const { mutation: { name }, fault } of faults) say(`FAULT ${name}: ${fault}`);
  for (const { mutation: { name, byChance } } of lucky) say(`by chance ${name}: ${byChance}`);
  for (const { mutation: { name, file, meaning, tests } } of survivors) {
    say(`SURVIVED ${name}: ${file}: ${meaning}; not noticed by ${tests.join(" ")}`);
  }
  const killed = all.filter(({ word }) => word.startsWith("killed")).length;
  say(`${killed} killed, ${survivors.length} survived`);
  return faults.length > 0 ? 2 : survivors.length > 0 ? 1 : 0;
}

function end(output: string): string {
  return output.trimEnd().split("\n").slice(-25).map((line) => `    ${line}`).join("\n");
}

async function main(args: readonly string[]): Promise<number> {
  const options = { native: { type: "boolean" }, timeout: { type: "string" } } as const;
  const { values: { native = false, timeout }, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options,
  });
  const mutations = choose(positionals, native);
  const stop = new AbortController();
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, () => stop.abort());
  try {
    await using copy = await Copy.of(ROOT, stop.signal, timeout === undefined ? undefined : Number(timeout));
    return await mutate(mutations, copy);
  } catch (error) {
    if (stop.signal.aborted) return 130;
    throw error;
  }
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(2);
  }
}
