/** What is measured: the runs of each round, and the table that their figures make. */
import { join } from "node:path";
import type { Host } from "../host.ts";
import { type Hosting, HOSTINGS } from "./hosting.ts";
import { type Run, runOnce } from "./run.ts";
import type { Section, Unit } from "./table.ts";

/** Figures of one run by name. */
export type Figures = Readonly<Record<string, number>>;

/** One run of a program; each round makes it once. */
export interface Measurement {
  readonly name: string;
  run(): Promise<Figures>;
}

/** A line of the table: the figure of a measurement, in the section's unit. */
interface PlannedLine {
  readonly label: string;
  readonly measurement: string;
  readonly figure: string;
}

/** A section of the table before anything is measured. */
export interface PlannedSection {
  readonly name: string;
  readonly title: string;
  readonly unit: Unit;
  readonly lines: readonly PlannedLine[];
}

/**
 * How many events. The rates include the launch, and the engine takes 40 ms for the first stop of its life, which the native
 * client never makes: with as many events as these that hardly counts.
 */
const EXCEPTIONS = 6000;
const MIX = 4000;
const DUMP_READS = 200_000;
const LIVE_READS = 3000;
const CALLS = 1_000_000;
const REQUESTS = 10_000;

function planned(name: string, title: string, unit: Unit, ...lines: [label: string, source: string][]): PlannedSection {
  return {
    name,
    title,
    unit,
    lines: lines.map(([label, source]) => {
      const [measurement = "", figure = ""] = source.split(".");
      return { label, measurement, figure };
    }),
  };
}

function eventSection(name: string, title: string, target: string, mode: string): PlannedSection {
  const own = HOSTINGS.map((who): [string, string] => [LABELS[who], `${target}-${who}-${mode}.rate`]);
  return planned(name, title, "/s", [NATIVE, `${target}-native.rate`], ...own);
}

const NATIVE = "native client";
const LABELS: Readonly<Record<Hosting, string>> = {
  worker: "worker",
  inline: "inline",
  host: "a native script's host",
};

/** The table. The first line of a section is what the others are compared with. */
export const SECTIONS: readonly PlannedSection[] = [
  eventSection(
    "events",
    `Events per second, handlers for all kinds (${EXCEPTIONS} exceptions)`,
    "exceptions",
    "listening",
  ),
  eventSection("events-mix", `Events per second, handlers for all kinds (a mix of ${MIX})`, "mix", "listening"),
  eventSection("silent", `Events per second, nobody listens (${EXCEPTIONS} exceptions)`, "exceptions", "silent"),
  eventSection("silent-mix", `Events per second, nobody listens (a mix of ${MIX})`, "mix", "silent"),
  planned(
    "start",
    "From the start of the whole process to its first create-process event",
    "ms",
    [NATIVE, "first-native.first"],
    ["deno.exe, worker", "first-worker.first"],
    ["deno.exe, inline", "first-inline.first"],
    ["a native script, its host", "first-host.first"],
    ["deno.exe run empty.ts, to its end", "empty.end"],
  ),
  planned(
    "dump",
    "One read of 8 bytes from a dump",
    "ns",
    [NATIVE, "dump-native.read8Ns"],
    ["engine's interfaces, inline", "dump-inline.read8Ns"],
  ),
  planned(
    "bulk",
    "Reads of 1 MiB from a dump",
    "MB/s",
    [NATIVE, "dump-native.bulkMBps"],
    ["engine's interfaces, inline", "dump-inline.bulkMBps"],
  ),
  planned(
    "live",
    "One read of 8 bytes from a stopped program",
    "µs",
    ["engine's interfaces, inline", "live-direct.us"],
    ["program.memory.read, inline", "live-inline.us"],
    ["program.memory.read, worker", "live-worker.us"],
    ["program.memory.read, host", "live-host.us"],
  ),
  planned(
    "calls",
    "The lightest call of the engine, GetEngineOptions",
    "ns",
    [NATIVE, "calls-native.ns"],
    ["ComObject (what lib/ uses)", "calls-own.comObject"],
    ["  of it the thunk of invoke.ts", "calls-own.thunk"],
    ["DispCallFunc of oleaut32", "calls-own.dispCallFunc"],
    ["Deno.UnsafeFnPointer", "calls-own.functionPointer"],
  ),
  planned(
    "request",
    "A request to the engine's thread and back",
    "µs",
    ["a bare worker that echoes", "request.echoUs"],
    ["worker", "request.workerUs"],
    ["inline", "request.inlineUs"],
  ),
];

/** The sections, with the values of the counted rounds. */
export function fillSections(
  sections: readonly PlannedSection[],
  rounds: readonly ReadonlyMap<string, Figures>[],
): Section[] {
  return sections.map(({ lines, ...section }) => ({
    ...section,
    lines: lines.map(({ label, measurement, figure }) => ({
      label,
      values: rounds.map((round) => {
        const value = round.get(measurement)?.[figure];
        if (value === undefined) throw new Error(`Cannot fill the table: ${measurement} gave no ${figure}`);
        return value;
      }),
    })),
  }));
}

/** Where things lie. */
export interface Places {
  readonly host: Host;
  /** Folder of this checkout. */
  readonly root: string;
  /** Folder of the debuggees and of the native client. */
  readonly debuggees: string;
  /** A dump to read from. */
  readonly dump: string;
}

/** All measurements, in the order of a round: what is compared runs next to each other. */
export function measurements(places: Places): Measurement[] {
  const programs = programsAt(places);
  return [
    ...eventMeasurements(programs, "exceptions", "exceptions.exe", EXCEPTIONS),
    ...eventMeasurements(programs, "mix", "events.exe", MIX),
    ...startMeasurements(programs),
    ...readMeasurements(programs),
    measurement("calls-native", programs.client("calls", `${CALLS}`), plain),
    measurement("calls-own", programs.script("calls.ts", programs.engine, `${CALLS}`), plain),
    measurement("request", programs.script("request.ts", programs.engine, `${REQUESTS}`), plain),
  ];
}

/** What a measurement is made of; paths are as Windows sees them. */
interface Programs {
  readonly engine: string;
  readonly dump: string;
  debuggee(name: string): string;
  client(...args: string[]): Deno.Command;
  script(name: string, ...args: string[]): Deno.Command;
  /** A script with a hosting: this Deno runs what has a host. */
  hosted(hosting: Hosting | "direct", name: string, ...args: string[]): Deno.Command;
}

/** The client in C hosts the engine itself: Wine is not to load its own for it. */
export const CLIENT = { env: { WINEDLLOVERRIDES: "dbgcore,dbgeng,dbghelp,dbgmodel=n,b" } } as const;

function programsAt({ host, root, debuggees, dump }: Places): Programs {
  const options = { cwd: root, stdin: "null", stdout: "piped", stderr: "piped" } as const;
  const engine = host.windowsPath(host.engine);
  const debuggee = (name: string): string => host.windowsPath(join(debuggees, name));
  const script: Programs["script"] = (name, ...args) =>
    host.command("deno.exe", ["run", "--allow-ffi", `scripts/dev/bench/${name}`, ...args], options);
  const native = (name: string, args: string[]): Deno.Command => {
    const words = ["run", "--allow-run", "--no-config", `scripts/dev/bench/${name}`, ...args];
    return new Deno.Command(Deno.execPath(), { ...options, args: words, env: { LATCH_HOST: host.deno } });
  };
  return {
    engine,
    dump: host.windowsPath(dump),
    debuggee,
    client: (...args) => host.command(debuggee("client.exe"), [engine, ...args], { ...options, ...CLIENT }),
    script,
    hosted: (hosting, name, ...args) => hosting === "host" ? native(name, args) : script(name, ...args),
  };
}

function measurement(name: string, command: Deno.Command, read: (run: Run) => Figures): Measurement {
  return { name, run: async () => read(await runOnce(command, name)) };
}

function eventMeasurements(programs: Programs, name: string, target: string, count: number): Measurement[] {
  const command = [programs.debuggee(target), `${count}`];
  let expected = 0;
  const native = measurement(`${name}-native`, programs.client("silent", "--", ...command), ({ line }) => {
    const { events, microsecondsTotal } = JSON.parse(line);
    expected = events;
    return { rate: events / microsecondsTotal * 1e6 };
  });
  const own = ["listening", "silent"].flatMap((mode) =>
    HOSTINGS.map((hosting) => {
      const script = programs.hosted(hosting, "events.ts", programs.engine, hosting, mode, ...command);
      const read = ({ line }: Run): Figures => ({ rate: ownRate(JSON.parse(line), mode, expected) });
      return measurement(`${name}-${hosting}-${mode}`, script, read);
    })
  );
  return [native, ...own];
}

function startMeasurements({ engine, client, script, hosted, debuggee }: Programs): Measurement[] {
  const brief = debuggee("stubborn.exe");
  const own = HOSTINGS.map((hosting) =>
    measurement(`first-${hosting}`, hosted(hosting, "first_event.ts", engine, hosting, brief), (run) => ({
      first: run.firstOutput,
    }))
  );
  return [
    measurement("first-native", client("silent", "--", brief), nativeFirstEvent),
    ...own,
    measurement("empty", script("empty.ts"), ({ end }) => ({ end })),
  ];
}

function readMeasurements({ engine, dump, client, script, hosted, debuggee }: Programs): Measurement[] {
  const live = (["direct", ...HOSTINGS] as const).map((way) => {
    const args = [engine, way, `${LIVE_READS}`, debuggee("stubborn.exe")];
    return measurement(`live-${way}`, hosted(way, "live_reads.ts", ...args), plain);
  });
  return [
    measurement("dump-native", client("dump-reads", dump, `${DUMP_READS}`), plain),
    measurement("dump-inline", script("dump_reads.ts", engine, dump, `${DUMP_READS}`), plain),
    ...live,
  ];
}

function plain({ line }: Run): Figures {
  return JSON.parse(line);
}

/** A rate of fewer events than the native client saw would be no rate of the same thing. */
function ownRate(own: { events: number; milliseconds: number }, mode: string, expected: number): number {
  if (mode === "listening" && own.events !== expected) {
    throw new Error(`Cannot compare: a session saw ${own.events} events, the native client ${expected}`);
  }
  return expected / own.milliseconds * 1000;
}

/** The client prints once, at the end: its own clock tells how long before that the first event was. */
function nativeFirstEvent({ line, firstOutput }: Run): Figures {
  const { microsecondsTotal, microsecondsToFirstEvent } = JSON.parse(line);
  return { first: firstOutput - (microsecondsTotal - microsecondsToFirstEvent) / 1000 };
}
