/** What an event, a process and a module cost beside few and beside many others. */
import { join } from "node:path";
import { Facts } from "./facts.ts";
import { rateOf, type Told, told } from "./measurements.ts";
import { PeakMemory } from "./memory.ts";
import type { Hosting } from "./measured/hosting.ts";
import { type Places, type Programs, programsAt } from "./programs.ts";
import { refuseIfInterrupted, runOnce } from "./run.ts";
import { formatNumber, median } from "./table.ts";

/** Who is measured. */
export const CLIENTS = ["native", "inline", "worker", "host"] as const satisfies readonly ("native" | Hosting)[];
type Client = typeof CLIENTS[number];

/** What grows. */
export type Axis = "events" | "processes" | "modules";

/** What is measured of it. */
export type Figure = "each" | "beside" | "memory";

/** How much of it there is: the first is what the others are compared with. */
export const STEPS: Readonly<Record<Axis, readonly number[]>> = {
  events: [1_000, 10_000, 100_000, 1_000_000],
  processes: [1, 3, 10, 30, 100],
  modules: [10, 50, 200, 1_000, 2_000],
};

/** How each figure reads; without one, the axis has none. `each`: microseconds, `beside`: microseconds of an event, `memory`: megabytes. */
export const TITLES: Readonly<Record<Axis, Partial<Record<Figure, string>>>> = {
  events: { each: "Microseconds for each event", memory: "Peak memory of all processes, MB" },
  processes: { each: "Microseconds for each process", beside: "Microseconds for an event beside that many processes" },
  modules: { each: "Microseconds for each module", beside: "Microseconds for an event beside that many modules" },
};

/** One point of the plot; `value` is the median of the rounds. */
export interface Point {
  readonly axis: Axis;
  readonly count: number;
  readonly client: Client;
  readonly figure: Figure;
  readonly value: number;
}

/** Events beside others, at each step. */
const BESIDE = 200;

/** Who measures time will not look at memory often. */
const LOOK_MS = 500;

/** Milliseconds that a run may take: so much for its start, and for each event. */
const START_LIMIT = 120_000;
const EVENT_LIMIT = 20;

/** Counts of an axis up to a bound; the first in any case. */
export function stepsUpTo(axis: Axis, bound: number): number[] {
  return STEPS[axis].filter((count, index) => index === 0 || count <= bound);
}

/** Measures all points, each as often as there are rounds. */
export async function measureScale(
  places: Places,
  folder: string,
  rounds: number,
  upTo: number,
  log: (line: string) => void,
): Promise<Point[]> {
  const programs = programsAt(places);
  await copyModules(places.debuggees, join(folder, "modules"), stepsUpTo("modules", upTo).at(-1) ?? 0);
  const facts = new Facts();
  const points: Point[] = [];
  for (const axis of ["events", "processes", "modules"] as const) {
    const command = commandOf(axis, programs, places.host.windowsPath(join(folder, "modules")));
    for (const count of stepsUpTo(axis, upTo)) {
      const runs: Run[] = [];
      for (let round = 0; round < rounds; round++) {
        for (const client of CLIENTS) {
          runs.push(await runClient(programs, facts, axis, count, client, command(count)));
        }
      }
      const made = pointsOf(axis, count, runs);
      for (const { client, figure, value } of made) {
        log(`${count} ${axis}, ${client}, ${figure}: ${formatNumber(value)}`);
      }
      points.push(...made);
    }
  }
  return points;
}

/** One run of a client. */
export interface Run {
  readonly client: Client;
  readonly told: Told;
  readonly megabytes: number;
}

function commandOf(axis: Axis, { debuggee }: Programs, modules: string): (count: number) => string[] {
  if (axis === "events") return (count) => [debuggee("exceptions.exe"), `${count}`];
  return (count) => [debuggee("grow.exe"), axis, `${count}`, `${BESIDE}`, modules];
}

async function runClient(
  programs: Programs,
  facts: Facts,
  axis: Axis,
  count: number,
  client: Client,
  command: readonly string[],
): Promise<Run> {
  const isTree = axis === "processes";
  const started = client === "native"
    ? programs.client("silent", ...(isTree ? ["--children"] : []), "--", ...command)
    : programs.hosted(client, "events.ts", programs.engine, client, isTree ? "following" : "listening", ...command);
  const memory = new PeakMemory(LOOK_MS);
  const limit = START_LIMIT + (axis === "events" ? count : 100 * count) * EVENT_LIMIT;
  const own = told(await runOnce(started, `${count} ${axis}, ${client}`, { limit, watch: memory }));
  rateOf(facts, `${count} ${axis}`, client, own);
  requireAll(axis, count, own);
  return { client, told: own, megabytes: memory.megabytes };
}

/** What the program did is known beforehand. @throws {Error} when somebody, though all agree, did not see all of it. */
export function requireAll(axis: Axis, count: number, { kinds, exitCode }: Told): void {
  const { exception = 0, createProcess = 0, loadModule = 0 } = kinds;
  const [kind, seen, expected] = axis === "events"
    ? ["exceptions", exception, count]
    : axis === "processes"
    ? ["processes", createProcess, count + 1]
    : ["modules at least", Math.min(loadModule, count), count];
  if (exitCode !== 0) throw new Error(`Cannot measure ${count} ${axis}: the program ended with ${exitCode}`);
  if (seen !== expected) throw new Error(`Cannot measure ${count} ${axis}: ${seen} ${kind} were seen of ${expected}`);
}

/** Medians over the rounds. */
export function pointsOf(axis: Axis, count: number, runs: readonly Run[]): Point[] {
  const figures: Readonly<Record<Figure, (run: Run) => number>> = {
    each: ({ told: { firstToSecondUs, secondToLastUs } }) =>
      axis === "events" ? (secondToLastUs ?? NaN) / (count - 2) : (firstToSecondUs ?? NaN) / count,
    beside: ({ told: { secondToLastUs } }) => (secondToLastUs ?? NaN) / BESIDE,
    memory: ({ megabytes }) => megabytes,
  };
  return CLIENTS.flatMap((client) => {
    const own = runs.filter((run) => run.client === client);
    return (Object.keys(TITLES[axis]) as Figure[]).map((figure) => {
      return { axis, count, client, figure, value: median(own.map(figures[figure])) };
    });
  });
}

/** A line for each figure of each client: its values, and how many times the first the last is. */
export function formatScale(points: readonly Point[]): string {
  const groups = Map.groupBy(points, ({ axis, figure }) => `${axis}: ${TITLES[axis][figure]}`);
  return [...groups].map(([title, own]) => {
    const counts = [...new Set(own.map(({ count }) => count))];
    const rows = CLIENTS.map((client) => {
      const values = own.filter((point) => point.client === client).map(({ value }) => value);
      return [client, ...values.map(formatNumber), `× ${((values.at(-1) ?? NaN) / (values[0] ?? NaN)).toFixed(2)}`];
    });
    const cells = [["", ...counts.map((count) => count.toLocaleString("en-US")), "last to first"], ...rows];
    return [title, ...cells.map((row) => row.map((cell) => cell.padStart(15)).join(""))].join("\n");
  }).join("\n\n");
}

async function copyModules(debuggees: string, folder: string, count: number): Promise<void> {
  await Deno.mkdir(folder);
  for (let index = 1; index <= count; index++) {
    refuseIfInterrupted();
    await Deno.copyFile(join(debuggees, "plugin.dll"), join(folder, `${index}.dll`));
  }
}
