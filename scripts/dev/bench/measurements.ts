/** What is run in each round, and whether all saw the same. */
import { Facts } from "./facts.ts";
import { type Hosting, HOSTINGS } from "./measured/hosting.ts";
import { PeakMemory } from "./memory.ts";
import { type Places, type Programs, programsAt } from "./programs.ts";
import { type Run, runOnce } from "./run.ts";
import type { Counts, Figures } from "./sections.ts";

/** One run of a program; each round makes it once. */
export interface Measurement {
  readonly name: string;
  /** Whether Latch's library takes part: that of another commit can stand in for this one's. */
  readonly isOurs: boolean;
  run(): Promise<Figures>;
}

/** All but the last warm up. */
const LIVE_EVENTS = 4;

/** Those who debug a program from its launch to its end, in the order of a round. */
type Debugger = "native" | Hosting;
const DEBUGGERS: readonly Debugger[] = ["native", ...HOSTINGS];

/** What one of them said of its run. */
export interface Told {
  readonly kinds: Readonly<Record<string, number>>;
  readonly exitCode: number;
  readonly milliseconds: number;
  /** Between exceptions; of one alone there is nothing between. */
  readonly firstToSecondUs?: number | null;
  readonly secondToLastUs?: number | null;
  /** Of what it read. */
  readonly digest?: number;
  /** How many frames were where the exception was. */
  readonly frames?: number;
}

/** What is debugged. */
export interface Target {
  /** By which those who debug it are compared. */
  readonly group: string;
  readonly command: readonly string[];
}

/** What is debugged, and how often it does what it does. */
export function targetsOf(
  debuggee: Programs["debuggee"],
  { exceptions, mix, notes, livePages }: Counts,
): Readonly<Record<"exceptions" | "mix" | "notes" | "live", Target>> {
  const target = (group: string, program: string, ...args: (number | string)[]): Target => ({
    group,
    command: [debuggee(program), ...args.map(String)],
  });
  return {
    exceptions: target("exceptions", "exceptions.exe", exceptions),
    mix: target("mix", "events.exe", mix),
    notes: target("notes", "notes.exe", notes, 1),
    live: target("live", "notes.exe", LIVE_EVENTS, livePages),
  };
}

/** All measurements of a checkout's library, in the order of a round: what is compared runs next to each other. */
export function measurements(places: Places, counts: Counts, facts: Facts): Measurement[] {
  const programs = programsAt(places);
  const { calls, requests } = counts;
  const targets = targetsOf(programs.debuggee, counts);
  const { exceptions, mix, notes, live } = targets;
  return [
    ...eventMeasurements(programs, facts, exceptions, "listening"),
    ...eventMeasurements(programs, facts, exceptions, "silent"),
    ...eventMeasurements(programs, facts, mix, "listening"),
    ...eventMeasurements(programs, facts, mix, "silent"),
    ...eventMeasurements(programs, facts, notes, "looking"),
    ...startMeasurements(programs),
    ...liveMeasurements(programs, live, facts),
    ...listMeasurements(programs, counts, facts),
    ...dumpMeasurements(programs, counts, facts),
    ...crashMeasurements(programs, facts),
    ...memoryMeasurements(programs, exceptions, facts),
    measurement("calls-native", false, programs.client("calls", `${calls}`), plain),
    measurement("calls-own", true, programs.script("calls.ts", programs.engine, `${calls}`), plain),
    measurement("request", true, programs.script("request.ts", programs.engine, `${requests}`), plain),
  ];
}

function measurement(
  name: string,
  isOurs: boolean,
  command: Deno.Command,
  read: (run: Run) => Figures,
): Measurement {
  return { name, isOurs, run: async () => read(await runOnce(command, name)) };
}

function plain({ line }: Run): Figures {
  return JSON.parse(line);
}

/** The line of a native client or of a measured script. */
export function told({ line }: Pick<Run, "line">): Told {
  const { microsecondsTotal, ...rest } = JSON.parse(line);
  return microsecondsTotal === undefined ? rest : { ...rest, milliseconds: microsecondsTotal / 1000 };
}

/** The rate of events, once it is known that all have seen the same. Who does not listen knows the exit code alone. */
export function rateOf(facts: Facts, group: string, who: string, own: Told, isSilent = false): number {
  const { kinds, exitCode, digest, frames } = own;
  if (who === "native") facts.state(group, "the native client", { kinds, digest, frames });
  if (who === "native") facts.state(`${group}, exit code`, "the native client", exitCode);
  if (!isSilent) facts.compare(group, who, { kinds, digest, frames });
  facts.compare(`${group}, exit code`, who, exitCode);
  if (who === "native") facts.state(`${group}, events`, who, sumOf(kinds));
  return Number(facts.known(`${group}, events`)) / own.milliseconds * 1000;
}

function sumOf(kinds: Told["kinds"]): number {
  return Object.values(kinds).reduce((sum, count) => sum + count, 0);
}

function debuggerOf(programs: Programs, who: Debugger, mode: string, command: readonly string[]): Deno.Command {
  if (who === "native") return programs.client(mode === "looking" ? "looks" : "silent", "--", ...command);
  return programs.hosted(who, "events.ts", programs.engine, who, mode, ...command);
}

function eventMeasurements(programs: Programs, facts: Facts, target: Target, mode: string): Measurement[] {
  const { group, command } = target;
  const isSilent = mode === "silent";
  return DEBUGGERS.filter((who) => !isSilent || who !== "native").map((who) => {
    const read = (run: Run): Figures => ({ rate: rateOf(facts, group, who, told(run), isSilent) });
    return measurement(`${group}-${who}-${mode}`, who !== "native", debuggerOf(programs, who, mode, command), read);
  });
}

function startMeasurements({ engine, client, script, hosted, debuggee }: Programs): Measurement[] {
  const brief = debuggee("stubborn.exe");
  const own = (["worker", "inline", "host"] as const).map((hosting) => {
    const command = hosted(hosting, "first_event.ts", engine, hosting, brief);
    return measurement(`first-${hosting}`, true, command, (run) => ({ first: run.firstOutput }));
  });
  return [
    measurement("first-native", false, client("silent", "--", brief), nativeFirstEvent),
    ...own,
    measurement("empty", false, script("empty.ts"), ({ end }) => ({ end })),
  ];
}

/** The client prints once, at the end: its own clock tells how long before that the first event was. */
function nativeFirstEvent({ line, firstOutput }: Run): Figures {
  const { microsecondsTotal, microsecondsToFirstEvent } = JSON.parse(line);
  return { first: firstOutput - (microsecondsTotal - microsecondsToFirstEvent) / 1000 };
}

function liveMeasurements({ engine, client, hosted }: Programs, { command }: Target, facts: Facts): Measurement[] {
  const read = (who: string) => ({ line }: Run): Figures => liveFigures(facts, who, JSON.parse(line));
  return [
    measurement("live-native", false, client("reads", "--", ...command), read("native")),
    ...(["direct", ...HOSTINGS] as const).map((way) =>
      measurement(`live-${way}`, true, hosted(way, "live_reads.ts", engine, way, ...command), read(way))
    ),
  ];
}

/** Times of one read, once it is known that all have read the same. */
export function liveFigures(
  facts: Facts,
  who: string,
  own: { digest: number; readUs: number; againUs: number },
): Figures {
  const { digest, readUs, againUs } = own;
  if (who === "native") facts.state("live reads", "the native client", digest);
  facts.compare("live reads", who, digest);
  return { readUs, againUs };
}

/** The native client knows the struct, and makes one read of a node; it has no types. */
function listMeasurements(
  { engine, client, hosted, debuggee }: Programs,
  { nodes }: Counts,
  facts: Facts,
): Measurement[] {
  const command = [debuggee("values.exe"), `${nodes}`];
  const read = (who: string) => ({ line }: Run): Figures => {
    const { nodeUs, ...seen } = JSON.parse(line);
    if (who === "native") facts.state("the list", "the native client", seen);
    facts.compare("the list", who, seen);
    return { nodeUs };
  };
  return [
    measurement("list-native", false, client("list", "--", ...command), read("native")),
    ...HOSTINGS.map((way) =>
      measurement(`list-${way}`, true, hosted(way, "list_walk.ts", engine, way, ...command), read(way))
    ),
  ];
}

function dumpMeasurements(
  { engine, dump, client, script }: Programs,
  { dumpReads }: Counts,
  facts: Facts,
): Measurement[] {
  const read = (who: string) => ({ line }: Run): Figures => {
    const { read8Ns, bulkMBps, ...seen } = JSON.parse(line);
    if (who === "native") facts.state("dump reads", "the native client", seen);
    facts.compare("dump reads", who, seen);
    return { read8Ns, bulkMBps };
  };
  return [
    measurement("dump-native", false, client("dump-reads", dump, `${dumpReads}`), read("native")),
    measurement("dump-inline", true, script("dump_reads.ts", engine, dump, `${dumpReads}`), read("inline")),
  ];
}

function crashMeasurements({ engine, hosted, debuggee }: Programs, facts: Facts): Measurement[] {
  return HOSTINGS.map((hosting, index) => {
    const command = hosted(hosting, "crash_requests.ts", engine, hosting, debuggee("crash.exe"));
    return measurement(`crash-${hosting}`, true, command, ({ line }) => {
      const { requests, all, ...seen } = JSON.parse(line);
      if (seen.crashes !== 1) throw new Error(`Cannot count requests: ${hosting} saw ${seen.crashes} crashes of one`);
      if (requests < 1) throw new Error(`Cannot count requests: ${hosting} told a crash without one`);
      if (index === 0) facts.state("the crash", hosting, seen);
      facts.compare("the crash", hosting, seen);
      return { requests, all };
    });
  });
}

/** In runs of their own: to look on takes time. */
function memoryMeasurements(programs: Programs, { command }: Target, facts: Facts): Measurement[] {
  return DEBUGGERS.map((who) => {
    const name = `memory-${who}`;
    const run = async (): Promise<Figures> => {
      const memory = new PeakMemory();
      const watched = debuggerOf(programs, who, "listening", command);
      const ended = await runOnce(watched, name, { watch: memory });
      rateOf(facts, "memory", who, told(ended));
      return { peak: memory.megabytes };
    };
    return { name, isOurs: who !== "native", run };
  });
}
