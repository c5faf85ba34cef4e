/** What the conformance suite needs of each engine's tests. */
import { join } from "node:path";
import type {
  Architecture,
  AttachDebugging,
  DebugSession,
  DebugSessionOptions,
  LaunchOptions,
  Port,
  Program,
  StackFrame,
} from "../../mod.ts";

/** What the program `conform` does: see tests/debuggees/conform.c. */
export type Mode = "ends" | "raises" | "lives";

/** A program that runs and that nobody debugs yet, in mode `lives`. */
export interface Target {
  readonly processId: number;
  /** What to connect with before attaching; without it the program is reached as launched ones are. */
  readonly address?: string;
  /** Ends it from outside. */
  kill(): Promise<void>;
}

/** An engine with the programs that are debugged by it. */
export interface EngineFixture {
  /** Begins the names of its tests. */
  readonly name: string;
  readonly engineId: string;
  /** What its programs were compiled for. */
  readonly architecture: Architecture;
  /** A session that has the engine. */
  openSession(options: DebugSessionOptions): DebugSession;
  /** What to connect with before launching; this machine without it. */
  readonly address?: string | undefined;
  /** Starts the program `conform` under the debugger. */
  command(mode: Mode, file: string): readonly string[];
  /** Starts a program that is not there. */
  readonly missing: readonly string[];
  /** Starts the program `conform` in mode `lives`. */
  start(file: string): Promise<Target>;
  /** Whether a process is there. */
  isAlive(processId: number): boolean;
  /** Name of the program. */
  readonly programName: string;
  /** Name of the module that mode `ends` loads. */
  readonly moduleName: string;
  /** Name of the exception of mode `raises`. */
  readonly exceptionName: string;
  /** What the engine can do. */
  readonly can: {
    /** Tell the exit code of a program that was attached to. */
    readonly attachedExitCodes: boolean;
    /** Read memory, and registers. */
    readonly memory: boolean;
    /** Leave a program suspended for another debugger. */
    readonly abandon: boolean;
  };
}

/** A session of a test, with files and programs that end with it. */
export class Scene implements AsyncDisposable {
  readonly session: DebugSession;
  readonly #fixture: EngineFixture;
  readonly #folder = Deno.makeTempDirSync({ prefix: "latch-" });
  readonly #targets: Target[] = [];
  #port: Promise<Port> | undefined;

  /** Opens the session. */
  constructor(fixture: EngineFixture, options: DebugSessionOptions = {}) {
    this.#fixture = fixture;
    this.session = fixture.openSession(options);
  }

  /** A file that does not exist, for a program to write. */
  file(): string {
    return join(this.#folder, `${crypto.randomUUID()}.txt`);
  }

  /** Launches the program `conform`. */
  async launch(mode: Mode, options: LaunchOptions = {}, file = this.file()): Promise<Program> {
    return await this.session.launch(this.#fixture.command(mode, file), await this.placed(options));
  }

  /** Options with the port where programs are launched. */
  async placed(options: LaunchOptions = {}): Promise<LaunchOptions> {
    const { address } = this.#fixture;
    if (address === undefined) return options;
    this.#port ??= this.session.connect(address);
    return { ...options, port: await this.#port };
  }

  /** Starts a program to attach to; it runs when this resolves. */
  async start(file: string): Promise<Target> {
    const target = await this.#fixture.start(file);
    this.#targets.push(target);
    await until("the target runs", () => sizeOf(file) > 2);
    return target;
  }

  /** Attaches to a started program. */
  async attach({ processId, address }: Target, options: AttachDebugging = {}): Promise<Program> {
    if (address === undefined) return await this.session.attach(processId, await this.placed(options));
    return await this.session.attach(processId, { ...options, port: await this.session.connect(address) });
  }

  /** Disposes of the session first. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.session[Symbol.asyncDispose]();
    } finally {
      for (const target of this.#targets) await target.kill();
      await removeFolder(this.#folder);
    }
  }
}

/** A program that has just ended may hold its file yet. */
async function removeFolder(folder: string): Promise<void> {
  for (let tries = 0;; tries++) {
    try {
      return await Deno.remove(folder, { recursive: true });
    } catch (error) {
      if (tries === 20) throw error;
      await delay(100);
    }
  }
}

/** Lets time pass. */
export function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Waits for something, twenty seconds at most. */
export async function until(what: string, isTrue: () => boolean): Promise<void> {
  const end = performance.now() + 20_000;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`it did not happen: ${what}`);
    await delay(10);
  }
}

/** How much a program has written. */
export function sizeOf(file: string): number {
  try {
    return Deno.statSync(file).size;
  } catch {
    return 0;
  }
}

/** Resolves when a program goes on writing. */
export async function grows(file: string): Promise<void> {
  const before = sizeOf(file);
  await until("the program goes on", () => sizeOf(file) > before + 5);
}

/** Whether a program writes nothing for a while. */
export async function rests(file: string): Promise<boolean> {
  for (let tries = 0; tries < 3; tries++) { // a write that is under way when the program stops may come after that
    const before = sizeOf(file);
    await delay(150);
    if (sizeOf(file) === before) return true;
  }
  return false;
}

/** The first frame of a stack whose function has a name. */
export function frameOf(frames: readonly StackFrame[], name: string): StackFrame | undefined {
  return frames.find(({ symbol }) => symbol?.split("!").at(-1) === name);
}

/** One test of the suite. */
export interface ConformanceTest {
  readonly name: string;
  run(fixture: EngineFixture): Promise<void>;
}
