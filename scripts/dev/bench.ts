/**
 * Measures Latch beside a native client in C that does the same through the same engine; beside another commit, beside clients in other
 * languages; and how it scales.
 *
 *     deno task bench --help
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { type OtherCommit, unpackCommit } from "./bench/against.ts";
import { Facts } from "./bench/facts.ts";
import { pinToOneProcessor } from "./bench/machine.ts";
import { type Measurement, measurements } from "./bench/measurements.ts";
import { HELP, parseOptions, type ScaleRequest, type TableRequest } from "./bench/options.ts";
import { peerMeasurements, preparePeers } from "./bench/peers.ts";
import { plotScale } from "./bench/plot.ts";
import { describe, prepare } from "./bench/prepare.ts";
import { measure } from "./bench/rounds.ts";
import { Interrupted, stopOnInterrupt } from "./bench/run.ts";
import { formatScale, measureScale } from "./bench/scale.ts";
import { fillSections } from "./bench/sections.ts";
import { formatTable, type Section, summarize } from "./bench/table.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

async function bench(request: TableRequest | ScaleRequest): Promise<void> {
  const start = performance.now();
  const pinning = await pinToOneProcessor();
  const folder = await Deno.makeTempDir({ prefix: "latch-bench-" });
  stopOnInterrupt();
  try {
    await ("scale" in request ? benchScale(request, folder, pinning) : benchTable(request, folder, pinning));
    console.error(`${((performance.now() - start) / 1000).toFixed(0)} s`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function benchTable(request: TableRequest, folder: string, pinning: string): Promise<void> {
  const { plan, rounds, short, counts, against, peers } = request;
  const other = against === undefined ? undefined : await unpackCommit(ROOT, against, folder);
  const places = await prepare(ROOT, folder);
  const clients = peers ? await preparePeers(places.host) : [];
  const machine = [
    ...await describe(places, pinning),
    short
      ? "little of everything, and nothing warmed up: no figures"
      : `medians of ${rounds} rounds after one that is not counted`,
    "ratio: how many times as long as the first line of its section it takes",
    ...(other
      ? [`times it: how many times as long as the library of ${other.name}, measured by this tree's scripts`]
      : []),
  ];
  const facts = new Facts();
  const of = (root: string): Measurement[] => measurements({ ...places, root }, counts, facts);
  const others = other ? of(other.root).filter(({ isOurs }) => isOurs) : [];
  const all = [...of(ROOT), ...peerMeasurements(clients, places, counts, facts, folder)];
  // In the order of the table: what is compared runs next to each other.
  const needed = new Set(plan.flatMap(({ lines }) => lines.map(({ measurement }) => measurement)));
  const chosen = [...needed].flatMap((name) => all.filter((each) => each.name === name));
  const measured = await measure(chosen, others, { rounds, isWarm: short }, console.error);
  print(machine, fillSections(plan, measured.rounds, measured.reasons), request.json, other);
}

function print(machine: readonly string[], filled: readonly Section[], json: boolean, other?: OtherCommit): void {
  if (json) {
    const summarized = filled.map((section) => {
      const summaries = summarize(section);
      return { ...section, lines: section.lines.map((line, index) => ({ ...line, ...summaries[index] })) };
    });
    return console.log(JSON.stringify({ machine, other: other?.name, sections: summarized }, null, 2));
  }
  console.log(`${machine.join("\n")}\n\n${formatTable(filled, other?.name)}`);
}

async function benchScale({ scale, rounds, upTo, json }: ScaleRequest, folder: string, pinning: string): Promise<void> {
  const places = await prepare(ROOT, folder);
  const machine = [...await describe(places, pinning), `medians of ${rounds} rounds`];
  const points = await measureScale(places, folder, rounds, upTo, console.error);
  console.log(json ? JSON.stringify({ machine, points }, null, 2) : `${machine.join("\n")}\n\n${formatScale(points)}`);
  await Deno.writeTextFile(scale, await plotScale(points, machine));
}

if (import.meta.main) {
  try {
    const request = parseOptions(Deno.args);
    if (request) await bench(request);
    else console.log(HELP);
    Deno.exit(); // the listeners of Ctrl-C would keep it
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(error instanceof Interrupted ? 130 : 1);
  }
}
