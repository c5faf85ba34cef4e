/**
 * The process-tree watch: launches a program, or attaches to one, and tells of every process that comes of it.
 *
 *     deno run --allow-ffi scripts/tree.ts --forbid=powershell.exe setup.exe
 *     latch run --allow-launch=setup.exe scripts/tree.ts setup.exe
 *
 * @module
 */
import type { DebugEventMap, Program } from "../mod.ts";
import {
  type Call,
  codeText,
  COMMON_HELP,
  type DiagnosticOptions,
  type Finding,
  FOUND,
  limitOf,
  listOf,
  matches,
  NOTHING,
  openSession,
  openTarget,
  type OptionKinds,
  pathText,
  runProgram,
  runToEnd,
  type Target,
  targetOf,
} from "./shared/diagnostic.ts";

export type { DiagnosticOptions, Finding, Target };

/** What it can need. */
export const rights = ["--allow-launch", "--allow-attach"];

/** One process of a tree. */
export interface TreeProcess {
  /** Id of the process. */
  readonly processId: number;
  /** Id of the process that started it; null for the one that was launched or attached to. */
  readonly parentId: number | null;
  /** How many generations it is away from that one. */
  readonly depth: number;
  /** File name of its image. */
  readonly name: string;
  /** Path of its image, or only its name where Windows tells no more. */
  readonly path: string;
  /** What was launched, for the one that was. */
  readonly command: readonly string[] | null;
  /** When it came, in milliseconds since the watch began. */
  readonly start: number;
  /** How long it was watched, in milliseconds; null while it is. */
  readonly lifetime: number | null;
  /** How it left; null while it is watched. */
  readonly end: "exited" | "detached" | "terminated" | "abandoned" | "lost" | null;
  /** Its exit code, if it ended. */
  readonly exitCode: number | null;
}

/** A process that should not be there, or that is missing. */
export interface TreeFinding extends Finding {
  /** Which rule it breaks. */
  readonly rule: "forbidden" | "missing";
  /** The pattern of that rule. */
  readonly pattern: string;
  /** The forbidden process. */
  readonly process?: TreeProcess;
  /** Who started it, from its parent to the root: file names and ids. */
  readonly ancestors?: readonly { readonly processId: number; readonly name: string }[];
}

/** What was seen. */
export interface TreeReport {
  /** Broken rules. */
  readonly findings: readonly TreeFinding[];
  /** All processes in the order in which they came. */
  readonly processes: readonly TreeProcess[];
}

/** How to watch. */
export interface TreeOptions extends DiagnosticOptions {
  /** Image names, or patterns of them, that must come, the first process not counted. @default {none} */
  readonly expect?: readonly string[];
  /** Image names, or patterns of them, that must not come. @default {none} */
  readonly forbid?: readonly string[];
  /** Told of each process as it comes and as it goes. */
  readonly changed?: (process: TreeProcess, change: "start" | "end") => void;
}

/** Watches until every process has ended, or the signal comes. */
export async function watchTree(target: Target, options: TreeOptions = {}): Promise<TreeReport> {
  await using session = openSession(options);
  const watch = new Watch("launch" in target ? target.launch : null, options);
  session.on("programCreate", (event) => watch.start(event));
  session.on("programDestroy", (event) => watch.end(event));
  await openTarget(session, target, { signal: options.signal, children: "follow" });
  await runToEnd(session, options.signal);
  watch.finish();
  return { findings: watch.findings, processes: [...watch.processes.values()] };
}

/** The processes of one session. */
class Watch {
  readonly findings: TreeFinding[] = [];
  readonly processes = new Map<Program, TreeProcess>();
  readonly #command: readonly string[] | null;
  readonly #options: TreeOptions;
  readonly #begin = performance.now();

  constructor(command: readonly string[] | null, options: TreeOptions) {
    this.#command = command;
    this.#options = options;
  }

  start({ program, parent }: DebugEventMap["programCreate"]): void {
    const process: TreeProcess = {
      ...{ processId: program.pid, parentId: parent?.pid ?? null, depth: ancestorsOf(program).length },
      ...{ name: program.name, path: program.image.imageName, command: parent ? null : this.#command },
      ...{ start: this.#now(), lifetime: null, end: null, exitCode: null },
    };
    this.processes.set(program, process);
    this.#print(process, this.#sentence(process, program));
    this.#options.changed?.(process, "start");
    const pattern = this.#options.forbid?.find((pattern) => matches(pattern, program.name));
    if (pattern !== undefined) this.#forbidden(pattern, process, program);
  }

  end({ program, reason, ...end }: DebugEventMap["programDestroy"]): void {
    const exitCode = end.exitCode ?? null;
    const started = this.processes.get(program);
    if (!started) return;
    const process = { ...started, lifetime: this.#now() - started.start, end: reason, exitCode };
    this.processes.set(program, process);
    const code = exitCode === null ? "" : ` with code ${codeText(exitCode)}`;
    this.#print(process, `${reason}${code} after ${seconds(process.lifetime)}`);
    this.#options.changed?.(process, "end");
  }

  /** Looks for what did not come. */
  finish(): void {
    const names = [...this.processes.values()].filter(({ depth }) => depth > 0).map(({ name }) => name);
    for (const pattern of this.#options.expect ?? []) {
      if (names.some((name) => matches(pattern, name))) continue;
      const title = `no process ${pattern} was started`;
      this.#found({ type: "finding", diagnostic: "tree", title, rule: "missing", pattern });
    }
  }

  #forbidden(pattern: string, process: TreeProcess, program: Program): void {
    const ancestors = ancestorsOf(program).map(({ pid, name }) => ({ processId: pid, name }));
    const [parent] = ancestors;
    const by = parent ? `was started by ${parent.name} (${parent.processId})` : "is the program itself";
    const title = `${process.name} (${process.processId}) is forbidden by ${pattern} and ${by}`;
    this.#found({ type: "finding", diagnostic: "tree", title, rule: "forbidden", pattern, process, ancestors });
  }

  #found(finding: TreeFinding): void {
    this.findings.push(finding);
    this.#options.found?.(finding);
    this.#options.print?.(finding.title);
  }

  #sentence({ path, name, command }: TreeProcess, { reason, parent }: Program): string {
    const what = command
      ? `launched: ${command.join(" ")}`
      : parent
      ? `started by ${parent.name} (${parent.pid})`
      : reason;
    return path.toLowerCase() === name.toLowerCase() ? what : `${what}, ${pathText(path, this.#options)}`;
  }

  #print({ depth, name, processId }: TreeProcess, text: string): void {
    const time = seconds(this.#now()).padStart(9);
    this.#options.print?.(`${time}  ${"  ".repeat(depth)}${name} (${processId}) ${text}`);
  }

  #now(): number {
    return Math.round(performance.now() - this.#begin);
  }
}

/** From its parent to the root. */
function ancestorsOf({ parent }: Program): Program[] {
  return parent ? [parent, ...ancestorsOf(parent)] : [];
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(3)} s`;
}

const HELP = `Watches a program and all processes that come of it: who started whom, how long each lived, how it ended.

Usage: tree.ts [OPTIONS] [--] PROGRAM [ARGUMENTS]
       tree.ts [OPTIONS] --attach=PID|NAME           those that it starts from now on

  --expect=NAME,…    image names that must come, * and ? are allowed
  --forbid=NAME,…    image names that must not come
  --directory=FOLDER working folder of the program
  --seconds=N        watches for that time: what was launched is ended then, what was attached to runs on
${COMMON_HELP}

Children of a program that runs already can be watched on Windows, not under Wine.
Exit code: 0 nothing found, 1 a rule is broken, 2 if it could not be looked.`;

/** The same as a program: gives the exit code. */
export function main(args: readonly string[]): Promise<number> {
  const options: OptionKinds = { expect: "value", forbid: "value", directory: "value", seconds: "value" };
  return runProgram({ help: HELP, options, run }, args);
}

async function run(call: Call): Promise<number> {
  const { findings, processes } = await watchTree(targetOf(call), {
    ...call.common,
    ...limitOf(call),
    expect: listOf(call, "expect"),
    forbid: listOf(call, "forbid"),
    changed: (process, change) => call.emit({ type: change === "start" ? "processStart" : "processEnd", ...process }),
  });
  call.emit({ type: "end", processes: processes.length, findings: findings.length });
  return findings.length > 0 ? FOUND : NOTHING;
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
