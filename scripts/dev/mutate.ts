/**
 * Makes the code wrong in small ways, one after another in a copy of the tree, and looks whether the tests notice.
 *
 *     deno task mutate [words of names or files] [--native] [--timeout=SECONDS]
 *
 * `--native` leaves out those for tests that start Windows programs. A line tells of each mutation, then of those that no test has noticed.
 * Exit code: 1 if there are any that are not marked as equivalent, 2 if the table or the tests are wrong.
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
    (words.length === 0 || words.some((word) => name === word || file.includes(word))) &&
    !(isNative && tests.some((test) => FOREIGN.some((folder) => test.includes(folder))))
  );
  if (chosen.length === 0) throw new TypeError(`There is no such mutation: ${words.join(" ")}`);
  return chosen;
}

/** Runs mutations; gives the exit code. */
async function mutate(mutations: readonly Mutation[], copy: Copy): Promise<number> {
  const untouched = new Map<string, Run>();
  const told = { killed: 0, survivors: [] as Mutation[], faults: [] as string[] };
  for (const mutation of mutations) {
    const words = mutation.tests.join(" ");
    const clean = untouched.get(words) ?? await copy.test(mutation.tests);
    untouched.set(words, clean);
    const begin = performance.now();
    const { verdict, output } = clean.verdict === "passed" ? await copy.testWith(mutation) : clean;
    const seconds = ((performance.now() - begin) / 1000).toFixed(1).padStart(7);
    const tell = (word: string): void =>
      console.log(`${seconds} s  ${word.padEnd(10)} ${mutation.name}: ${mutation.file}`);
    if (clean.verdict !== "passed") {
      told.faults.push(`${mutation.name}: its tests fail without it: deno task test ${words}\n${end(output)}`);
      tell("FAULT");
    } else if (verdict === "broken") {
      told.faults.push(`${mutation.name}: its tests could not run\n${end(output)}`);
      tell("FAULT");
    } else if (verdict !== "passed") {
      told.killed++;
      tell(verdict === "expired" ? "killed, by time" : "killed");
    } else if (mutation.equivalent !== undefined) tell("equivalent");
    else {
      told.survivors.push(mutation);
      tell("SURVIVED");
    }
  }
  return conclude(told);
}

interface Told {
  readonly killed: number;
  readonly survivors: readonly Mutation[];
  readonly faults: readonly string[];
}

function conclude({ killed, survivors, faults }: Told): number {
  console.log();
  for (const fault of faults) console.log(`FAULT ${fault}`);
  for (const { name, file, meaning, tests } of survivors) {
    console.log(`SURVIVED ${name}: ${file}: ${meaning}; not noticed by ${tests.join(" ")}`);
  }
  console.log(`${killed} killed, ${survivors.length} survived`);
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
