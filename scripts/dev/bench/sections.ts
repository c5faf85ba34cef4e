/** The table before anything is measured. */
import { type Hosting, HOSTINGS } from "./measured/hosting.ts";
import type { Section, Unit } from "./table.ts";

/** Figures of one run by name. */
export type Figures = Readonly<Record<string, number>>;

/** A line of the table: the figure of a measurement, in the section's unit. */
interface PlannedLine {
  readonly label: string;
  readonly measurement: string;
  readonly figure: string;
}

/** A section of the table. */
export interface PlannedSection {
  readonly name: string;
  readonly title: string;
  readonly unit: Unit;
  readonly lines: readonly PlannedLine[];
}

/** What the figures of one round are, and what another commit's library gave. */
export interface Round {
  readonly own: ReadonlyMap<string, Figures>;
  readonly other?: ReadonlyMap<string, Figures>;
}

/** How much is done of each thing. */
export interface Counts {
  readonly exceptions: number;
  readonly mix: number;
  readonly notes: number;
  readonly livePages: number;
  readonly nodes: number;
  readonly dumpReads: number;
  readonly calls: number;
  readonly requests: number;
}

/**
 * The rates of events include the launch, and the engine takes 40 ms for the first stop of its life, which the native client never
 * makes: with as many events as these that hardly counts.
 */
const COUNTS: Counts = {
  ...{ exceptions: 6000, mix: 4000, notes: 3000, livePages: 1000, nodes: 100_000 },
  ...{ dumpReads: 200_000, calls: 1_000_000, requests: 10_000 },
};
const SHORT_COUNTS: Counts = {
  ...{ exceptions: 200, mix: 200, notes: 100, livePages: 50, nodes: 500 },
  ...{ dumpReads: 2000, calls: 10_000, requests: 200 },
};

/** What is measured; `short` is to see that it works: the figures are none. */
export function countsOf(short: boolean): Counts {
  return short ? SHORT_COUNTS : COUNTS;
}

type Source = readonly [label: string, source: string];

const NATIVE = "native client";
const LABELS: Readonly<Record<Hosting, string>> = {
  worker: "worker",
  inline: "inline",
  host: "a native script's host",
  confined: "a confined script (latch run)",
};
const PEERS: readonly Source[] = [["C# (ComImport)", "csharp"], ["Node, koffi", "koffi"]];

function planned(name: string, title: string, unit: Unit, ...lines: readonly Source[]): PlannedSection {
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

/** A line for each hosting; `source` has a star where its name belongs. */
function ours(source: string, hostings: readonly Hosting[] = HOSTINGS): Source[] {
  return hostings.map((hosting) => [LABELS[hosting], source.replace("*", hosting)]);
}

/** The table; `peers`: with other languages' clients. The first line of a section is what the others are compared with. */
export function sections(counts: Counts, peers = false): PlannedSection[] {
  const others = (source: string): Source[] =>
    peers ? PEERS.map(([label, name]) => [label, source.replace("*", name)]) : [];
  const events = (name: string, title: string, target: string, mode: string): PlannedSection => {
    const source = `${target}-*-${mode}.rate`;
    const native: Source = [NATIVE, `${target}-native-${mode === "looking" ? "looking" : "listening"}.rate`];
    const peersToo = mode === "silent" || target === "mix" ? [] : others(source);
    return planned(name, `Events per second, ${title}`, "/s", native, ...ours(source), ...peersToo);
  };
  const { exceptions, mix, notes } = counts;
  return [
    events("events", `handlers for all kinds (${exceptions} exceptions)`, "exceptions", "listening"),
    events("events-mix", `handlers for all kinds (a mix of ${mix})`, "mix", "listening"),
    events("look", `an async handler reads 8 bytes and one frame (${notes} exceptions)`, "notes", "looking"),
    events("silent", `nobody listens (${exceptions} exceptions)`, "exceptions", "silent"),
    events("silent-mix", `nobody listens (a mix of ${mix})`, "mix", "silent"),
    ...readSections(others),
    planned(
      ...["list", `A node of a list of ${counts.nodes}, by the program's own types`, "µs"] as const,
      [NATIVE, "list-native.nodeUs"],
      ...ours("list-*.nodeUs"),
    ),
    ...otherSections(counts),
  ];
}

function readSections(others: (source: string) => Source[]): PlannedSection[] {
  const live = (name: string, title: string, figure: string): PlannedSection =>
    planned(
      ...[name, title, "µs"] as const,
      [NATIVE, `live-native.${figure}`],
      ["engine's interfaces, inline", `live-direct.${figure}`],
      ...ours(`live-*.${figure}`),
      ...others(`live-*.${figure}`),
    );
  const dump = (name: string, title: string, unit: Unit, figure: string): PlannedSection =>
    planned(
      ...[name, title, unit] as const,
      [NATIVE, `dump-native.${figure}`],
      ["engine's interfaces, inline", `dump-inline.${figure}`],
    );
  return [
    live("live", "One read of 8 bytes from a held program, another page each time", "readUs"),
    live("again", "The same read again, nothing having run", "againUs"),
    dump("dump", "One read of 8 bytes from a dump", "ns", "read8Ns"),
    dump("bulk", "Reads of 1 MiB from a dump", "MB/s", "bulkMBps"),
  ];
}

function otherSections({ exceptions }: Counts): PlannedSection[] {
  return [
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
      "crash",
      "Requests over the border for the report of scripts/crash.ts, from the crash until it is told",
      "requests",
      ...ours("crash-*.requests"),
    ),
    planned("crash-all", "The same, from the launch to the end", "requests", ...ours("crash-*.all")),
    planned(
      "memory",
      `Peak memory of the whole tree of processes, each one's own peak added up (${exceptions} exceptions, listening)`,
      "MB",
      [NATIVE, "memory-native.peak"],
      ...ours("memory-*.peak"),
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
}

/** The sections, with the values of the counted rounds. `reasons`: why another commit's library could not be measured, by measurement. */
export function fillSections(
  plan: readonly PlannedSection[],
  rounds: readonly Round[],
  reasons: ReadonlyMap<string, string> = new Map(),
): Section[] {
  return plan.map(({ lines, ...section }) => ({
    ...section,
    lines: lines.map(({ label, measurement, figure }) => {
      const valuesOf = (figures: ReadonlyMap<string, Figures> | undefined): number => {
        const value = figures?.get(measurement)?.[figure];
        if (value === undefined) throw new Error(`Cannot fill the table: ${measurement} gave no ${figure}`);
        return value;
      };
      const reason = reasons.get(measurement);
      const isCompared = rounds.some(({ other }) => other?.has(measurement));
      return {
        label,
        values: rounds.map(({ own }) => valuesOf(own)),
        ...(isCompared && reason === undefined ? { other: rounds.map(({ other }) => valuesOf(other)) } : {}),
        ...(reason === undefined ? {} : { reason }),
      };
    }),
  }));
}
