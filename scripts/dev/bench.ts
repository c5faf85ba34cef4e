/**
 * Measures Latch beside a native client in C that does the same through the same engine.
 *
 *     deno task bench [--rounds N] [--only NAME]... [--json]
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { pinToOneProcessor, processorName, unpinnedServer } from "./bench/machine.ts";
import {
  CLIENT,
  type Figures,
  fillSections,
  type Measurement,
  measurements,
  type Places,
  SECTIONS,
} from "./bench/plan.ts";
import { runOnce } from "./bench/run.ts";
import { formatTable, type Section, summarize } from "./bench/table.ts";
import { buildDebuggees } from "./debuggees.ts";
import { prepareHost } from "./host.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const HELP = `deno task bench [--rounds N] [--only NAME]... [--json]

  --rounds N    counted rounds, 5 if not given; one more before them warms up
  --only NAME   only this section: ${SECTIONS.map(({ name }) => name).join(", ")}
  --json        all values as JSON`;

async function bench(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "5" },
      only: { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new RangeError(`Cannot measure ${values.rounds} rounds: name 1 or more`);
  }
  const unknown = values.only.find((name) => !SECTIONS.some((section) => section.name === name));
  if (unknown !== undefined) throw new RangeError(`Cannot measure "${unknown}"\n\n${HELP}`);
  const wanted = SECTIONS.filter(({ name }) => values.only.length === 0 || values.only.includes(name));

  const start = performance.now();
  const pinning = await pinToOneProcessor();
  const folder = await Deno.makeTempDir({ prefix: "latch-bench-" });
  try {
    const places = await prepare(folder);
    const machine = await describe(places, pinning, rounds);
    const needed = new Set(wanted.flatMap(({ lines }) => lines.map(({ measurement }) => measurement)));
    const chosen = measurements(places).filter(({ name }) => needed.has(name));
    const sections = fillSections(wanted, await measure(chosen, rounds));
    print(machine, sections, values.json);
    console.error(`${((performance.now() - start) / 1000).toFixed(0)} s`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function prepare(folder: string): Promise<Places> {
  const host = await prepareHost(["wine", "compiler"]);
  const debuggees = await buildDebuggees(host);
  const dump = join(folder, "bench.dmp");
  const places = { host, root: ROOT, debuggees, dump };
  const program = (name: string): string => host.windowsPath(join(debuggees, name));
  const args = [host.windowsPath(host.engine), "write-dump", host.windowsPath(dump), "--", program("spin.exe")];
  const command = host.command(program("client.exe"), args, {
    ...CLIENT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  await runOnce(command, "the dump");
  return places;
}

/** One line for each thing that decides what the figures are. */
async function describe({ host, root }: Places, pinning: string, rounds: number): Promise<string[]> {
  const options = { cwd: root, stdin: "null", stdout: "piped", stderr: "piped" } as const;
  const args = ["run", "--allow-ffi", "scripts/dev/bench/about.ts", host.windowsPath(host.engine)];
  const about = JSON.parse((await runOnce(host.command("deno.exe", args, options), "the engine")).line);
  const load = Deno.loadavg()[0]?.toFixed(1);
  const wine = host.kind === "wine" ? (await runOnce(host.command("--version", [], options), "Wine")).line : "";
  return [
    `machine: ${processorName()}; ${host.kind === "wine" ? `${wine} on Linux` : "Windows"} ${Deno.osRelease()}`,
    `engine: dbgeng.dll ${about.engine} (${about.architecture}); Deno ${about.deno} for Windows, V8 ${about.v8}`,
    `${pinning}${
      unpinnedServer(join(host.cache, "prefix"))
    }; load at the start ${load}; medians of ${rounds} rounds after one that is not counted`,
  ];
}

/** Every measurement once a round, one after the other: what slows the machine down for a while meets all of them. */
async function measure(chosen: readonly Measurement[], rounds: number): Promise<Map<string, Figures>[]> {
  const results: Map<string, Figures>[] = [];
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now();
    const figures = new Map<string, Figures>();
    for (const { name, run } of chosen) figures.set(name, await run());
    if (round > 0) results.push(figures);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.error(`${round === 0 ? "warm-up" : `round ${round} of ${rounds}`}: ${chosen.length} runs, ${seconds} s`);
  }
  return results;
}

function print(machine: readonly string[], sections: readonly Section[], json: boolean): void {
  if (json) {
    const summarized = sections.map((section) => {
      const summaries = summarize(section);
      return { ...section, lines: section.lines.map((line, index) => ({ ...line, ...summaries[index] })) };
    });
    return console.log(JSON.stringify({ machine, sections: summarized }, null, 2));
  }
  console.log(machine.join("\n"));
  console.log("ratio: how many times as long as the first line of its section it takes\n");
  console.log(formatTable(sections));
}

if (import.meta.main) {
  try {
    await bench();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exitCode = 1;
  }
}
