/** Calls of all kinds, drawn: what is asked, and what an oracle has to know of that. */
import type { Draw } from "./draw.ts";
import type { Known } from "./known.ts";
import { malformed } from "./malformed.ts";
import type { Thing } from "./rights.ts";
import type { KnownProcess, Row } from "./world.ts";

/** One call, and what is known of it. */
export interface Attempt {
  readonly name: string;
  readonly values: readonly unknown[];
  /** What is wrong with it, whatever the rights. */
  readonly fault?: string;
  /** What it needs. */
  readonly needs?: readonly Thing[];
  /** The program that it is about: the script has to have it. */
  readonly focus?: number;
  /** The process server that it is about. */
  readonly server?: bigint;
  readonly row?: Row;
  /** What it opens. */
  readonly isOpening?: { readonly way: "attach" | "launch"; readonly processId?: number };
  /** Whether it ends or suspends a program. */
  readonly ends?: true;
  /** Does harm where it is carried out: it is tried only by those who must not. */
  readonly isHarmful?: true;
  /** Whether it has to work where it is granted. */
  readonly works?: true;
  /** Whether it may give something, where it works. */
  gives?(value: unknown): boolean;
}

type Make = (known: Known, draw: Draw) => Attempt;

const READS: Thing = { right: "read-memory" };
const WRITES: Thing = { right: "write-memory" };
const CONTROLS: Thing = { right: "control" };

/** A name that lists know and no process has. */
const NOBODY: KnownProcess = { processId: 0, name: "nobody.exe", entries: ["nobody.exe"] };

const thingOf = (right: string, { grants = [], denies = grants }: Row): Thing => ({ right, grants, denies });
const focusOn = (focus: number): { focus: number; values: readonly [{ processId: number }] } => ({
  focus,
  values: [{ processId: focus }],
});

/** A program: mostly one that the script has. */
function program(known: Known, draw: Draw): number {
  const { mine, other, strangers } = known.world;
  const own = [...known.programs.keys()];
  if (own.length > 0 && !draw.oneIn(4)) return draw.pick(own);
  return draw.pick([mine.processId, other.processId, ...strangers]);
}

const asked = (name: string, ...more: readonly unknown[]): Make => (known, draw) => {
  const { focus, values } = focusOn(program(known, draw));
  return { name, focus, values: [...values, ...more] };
};

/** The calls of a script that wants to get somewhere. */
const STEPS: readonly Make[] = [
  (known, draw) => attach(draw.oneIn(8) ? known.world.other : known.world.mine, {}),
  (known, draw) => launch(draw.pick(known.world.launches.slice(0, draw.oneIn(2) ? 3 : Infinity))),
  (known) => ({ name: "processes", values: [0n], server: 0n, ...listing(known) }),
];

/** All others. */
const CALLS: readonly Make[] = [
  (known, draw) => named(known, draw.pick([known.world.mine, known.world.other, NOBODY]), draw),
  (known, draw) => {
    const { mine, other, strangers } = known.world;
    const stranger = (processId: number): KnownProcess => ({ processId, name: "", entries: [] });
    return attach(draw.pick([mine, other, ...strangers.map(stranger)]), {
      ...draw.pick([{}, { initialBreak: true }, { initialBreak: false }, { noninvasive: true }, {
        noninvasive: "noSuspend",
      }]),
      ...draw.oneIn(6) ? { children: [{ pattern: "*", policy: draw.pick(["follow", "ignore", "detach"]) }] } : {},
    });
  },
  (known, draw) => ({
    ...attach(
      known.world.mine,
      draw.pick([{ existing: true, resume: true }, { noninvasive: true, initialBreak: false }]),
    ),
    fault: "invalid flags",
  }),
  (known, draw) =>
    launch(draw.pick(known.world.launches), [draw.pick(["PATH=C:\\x", "COR_PROFILER=x", "Node_Options=x"])]),
  (known, draw) => launch(draw.pick(known.world.launches), ["LATCH_TEST=x"]),
  () => ({
    name: "subscribe",
    values: [["exception", "loadModule", "output", "breakpoint", "exitThread"]],
    works: true,
  }),
  (_, draw) => ({ name: "subscribe", values: [draw.some(["exception", "output", "createThread"])], works: true }),
  asked("threads"),
  asked("modules"),
  asked("stack", 10),
  asked("nameAt", 0x10000n),
  asked("report", { frames: 10, registers: false, modules: true, threads: true }),
  asked("addressOf", "ntdll!NtClose"),
  asked("variable", "nosuch!variable"),
  asked("type", "nosuch!type"),
  asked("locals", 0),
  asked("breakpoints"),
  asked("position"),
  asked("sourceLines", { file: "nosuch.c", line: 1 }),
  (known, draw) => ({ ...asked("step", "into")(known, draw), needs: [CONTROLS] }),
  (known, draw) => ({ ...asked("breakpoints", { remove: 7 })(known, draw), needs: [CONTROLS] }),
  (known, draw) => ({
    ...asked("breakpoints", { add: { where: "nosuch!symbol", once: true, pass: 1, threadId: null } })(known, draw),
    needs: [CONTROLS],
  }),
  (known, draw) => ({ ...asked("registers")(known, draw), needs: [CONTROLS] }),
  (known, draw) => ({ ...asked("writeRegister", "nosuch", 1n)(known, draw), needs: [CONTROLS] }),
  (known, draw) => ({ ...asked("writeRegister", "rip", 0n)(known, draw), needs: [CONTROLS], isHarmful: true }),
  (known, draw) => ({ ...asked("read", BigInt(draw.below(2 ** 31)) << 16n, 16)(known, draw), needs: [READS] }),
  (known, draw) => ({ ...asked("readWithPage", BigInt(draw.below(2 ** 31)) << 16n, 16)(known, draw), needs: [READS] }),
  readImage,
  (known, draw) => overwrite(known, draw, Uint8Array.of(0x4d, 0x5a)),
  (known, draw) => ({ ...overwrite(known, draw, new Uint8Array(64).fill(0xcc)), isHarmful: true }),
  (known, draw) => {
    const row = draw.pick(known.world.expressions);
    const whole = row.denies === "any" ? [thingOf("execute", row)] : [];
    return { ...asked("evaluate", row.text)(known, draw), needs: [READS, ...whole] };
  },
  (known, draw) => {
    const row = draw.pick(known.world.commands);
    return { ...asked("execute", row.text)(known, draw), needs: [thingOf("execute", row)] };
  },
  (known, draw) => {
    const row = draw.pick(known.world.dumps);
    return {
      ...asked("writeDump", row.text, "mini", draw.pick([null, "why"]))(known, draw),
      needs: [thingOf("dump", row)],
    };
  },
  ends("terminate"),
  ends("abandon"),
  (known, draw) => {
    const processId = program(known, draw);
    return { name: "detach", values: [processId], focus: processId };
  },
  (known, draw) => {
    const processId = program(known, draw);
    return { name: "breakAtEntry", values: [processId], focus: processId };
  },
  ({ world: { self, mine } }) => ({ ...attach(self ?? mine, {}), ...self ? { fault: "self" } : {} }),
  (_, draw) => ({
    name: draw.pick(["startServer", "serve", "stopServer"]),
    values: ["tcp:port=5005"],
    fault: "serving",
  }),
  ({ world }, draw) => {
    const row = draw.pick(world.servers);
    const isHarmful = row.isHarmful ? { isHarmful: true as const } : {};
    return { name: "connectServer", values: [row.text, 1_000], needs: [thingOf("connect", row)], row, ...isHarmful };
  },
  (known, draw) => {
    const server = draw.pick([...known.servers.keys(), 5n]);
    const at = { values: [server], server };
    const row = known.servers.get(server);
    return draw.pick<Attempt>([
      { name: "processes", ...at, ...listing(known) },
      { name: "disconnectServer", ...at },
      {
        name: "endServer",
        ...at,
        needs: row ? [{ right: "terminate", denies: row.denies === "any" ? "any" : [] }] : [],
      },
    ]);
  },
  () => ({ name: "open", values: [{ engine: "Z:\\tmp" }], fault: "engine" }),
  ({ world }, draw) => open(draw.pick(world.symbols)),
  (known, draw) => {
    const { mine, other, strangers } = known.world;
    const ids = draw.some([mine.processId, other.processId, ...strangers]);
    return {
      name: "leave",
      values: [ids.map((processId) => ({ processId, how: draw.pick(["detach", "terminate"]) }))],
    };
  },
];

/** Opens the engine: without symbols, or with those of a path. */
export function open(row?: Row): Attempt {
  if (!row) return { name: "open", values: [{}], works: true };
  const needs = [thingOf("symbols", row)];
  return { name: "open", values: [{ symbolPath: row.text }], needs, ...row.isHarmful ? { isHarmful: true } : {} };
}

/** The next call: one of a script that wants to get somewhere, any, or one that is none. */
export function nextAttempt(known: Known, draw: Draw): Attempt {
  const isStep = known.programs.size === 0 ? !draw.oneIn(3) : draw.oneIn(12);
  const attempt = isStep ? nextStep(known, draw) : harmless(CALLS, known, draw);
  return draw.oneIn(6) ? malformed(attempt, draw) : attempt;
}

/** The next call of a script that wants to get somewhere. */
export function nextStep(known: Known, draw: Draw): Attempt {
  return harmless(STEPS, known, draw);
}

/** One that does no harm, or is refused. */
function harmless(makes: readonly Make[], known: Known, draw: Draw): Attempt {
  const attempt = draw.pick(makes)(known, draw);
  return attempt.isHarmful && !known.isRefused(attempt) ? harmless(makes, known, draw) : attempt;
}

/** A run: on it goes, or a step. */
export function run(draw: Draw): Attempt {
  const status = draw.oneIn(3) ? draw.pick(["stepInto", "stepOver", "goHandled", "goNotHandled", "noChange"]) : "go";
  const needs = status.startsWith("step") ? [CONTROLS] : [];
  return { name: "run", values: [status], needs };
}

function attaching({ entries }: KnownProcess): Thing {
  return { right: "attach", grants: entries };
}

function attach({ processId, entries, name }: KnownProcess, more: Record<string, unknown>): Attempt {
  return {
    ...{
      name: "attach",
      values: [{ server: 0n, processId, ...more }],
      server: 0n,
      needs: [{ right: "attach", grants: entries }],
    },
    ...{ isOpening: { way: "attach", processId }, ...name === "" ? { isHarmful: true } : {} },
  };
}

function launch(row: Row, environment: readonly string[] = []): Attempt {
  const isSteered = environment.some((line) => !line.startsWith("LATCH_TEST="));
  const steering: Thing[] = isSteered ? [{ right: "launch" }] : [];
  const request = {
    server: 0n,
    commandLine: row.text,
    directory: null,
    environment,
    clearEnvironment: false,
    children: [],
  };
  return {
    ...{ name: "launch", values: [request], server: 0n, needs: [thingOf("launch", row), ...steering], row },
    ...{ isOpening: { way: "launch" }, ...row.isHarmful ? { isHarmful: true } : {} },
  };
}

/** Lists the processes that a script may attach to, and no others. */
function listing({ rights, world: { mine, other } }: Known): Pick<Attempt, "needs" | "gives"> {
  return {
    needs: rights.hasAny("attach") ? [] : [{ right: "attach" }],
    gives: (list) => rights.has(attaching(other)) || idsIn(list).every((id) => id === mine.processId),
  };
}

/** Asks for a process by its name: one that the script may attach to, or could if it were there. */
function named({ rights }: Known, process: KnownProcess, draw: Draw): Attempt {
  const { name, processId, entries } = process;
  const text = draw.pick([name, name.replace(".exe", "")]);
  const byName: Thing = { right: "attach", grants: entries.filter((entry) => !/^\d+$/.test(entry)) };
  const isSeen = rights.has(attaching(process));
  const gives = (list: unknown): boolean => idsIn(list).every((id) => isSeen && id === processId);
  return { name: "processes", values: [0n, text], server: 0n, needs: isSeen ? [] : [byName], gives };
}

function ends(name: "terminate" | "abandon"): Make {
  return (known, draw) => {
    const processId = program(known, draw);
    return { name, values: [processId], focus: processId, ends: true };
  };
}

/** Reads the first bytes of a program's image, which are known. */
function readImage(known: Known, draw: Draw): Attempt {
  const processId = program(known, draw);
  const base = known.programs.get(processId)?.base ?? 0n;
  const isImage = base !== 0n ? { works: true as const, gives: isHeader } : {};
  return { name: "read", values: [{ processId }, base, 2], focus: processId, needs: [READS], ...isImage };
}

function isHeader(value: unknown): boolean {
  return value instanceof Uint8Array && value.length === 2 && value[0] === 0x4d && value[1] === 0x5a;
}

/** Writes over the first bytes of a program's image, which may stay so, or over its code. */
function overwrite(known: Known, draw: Draw, bytes: Uint8Array): Attempt {
  const processId = program(known, draw);
  const { base, start } = known.programs.get(processId) ?? { base: 0n, start: 0n };
  const at = bytes.length === 2 ? base : start;
  return { name: "write", values: [{ processId }, at, bytes], focus: processId, needs: [WRITES] };
}

function idsIn(list: unknown): number[] {
  return (list as { processId: number }[]).map(({ processId }) => processId);
}
