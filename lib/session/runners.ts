import type { AttachReason, DebugEngine, Port } from "./contract.ts";
import { Execution } from "./execution.ts";
import type { Handlers } from "./handlers.ts";
import type { Program, ProgramSession } from "./program.ts";
import type { SessionParts } from "./reports.ts";
import { Runner } from "./runner.ts";
import type { Trace } from "./trace.ts";

/** All engines of a session, and what it knows of programs. */
export class Runners implements SessionParts {
  readonly handlers: Handlers;
  readonly trace: Trace;
  readonly session: ProgramSession;
  readonly #runners = new Set<Runner>();
  readonly execution: Execution = new Execution(this.#runners, () => this.handlers.any);
  /** What the session knows of a program to which it has given an id. */
  readonly #known = new Map<string, { readonly reason: AttachReason; readonly port?: Port }>();
  /** Engines that the session has loaded stay for the next program; others leave with theirs. */
  readonly #isLoaded: (engine: DebugEngine) => boolean;

  constructor(handlers: Handlers, trace: Trace, session: ProgramSession, isLoaded: (engine: DebugEngine) => boolean) {
    this.handlers = handlers;
    this.trace = trace;
    this.session = session;
    this.#isLoaded = isLoaded;
    handlers.onChange = (isWider) => {
      this.execution.ref();
      if (isWider) this.execution.refresh();
    };
  }

  /** Every engine's runner. */
  get all(): Runner[] {
    return [...this.#runners];
  }

  /** Every engine that has a runner. */
  get engines(): DebugEngine[] {
    return this.all.map(({ engine }) => engine);
  }

  /** The programs that are debugged now, by program id. */
  get programs(): ReadonlyMap<string, Program> {
    const [first, ...rest] = this.all;
    if (!first) return new Map();
    return rest.length === 0 ? first.programs : new Map(this.all.flatMap(({ programs }) => [...programs]));
  }

  /** Whether programs run at this moment. */
  get running(): boolean {
    return this.all.some(({ running }) => running);
  }

  /** Whether a stop is to come: of a program, or the end of the last one. */
  get hasStop(): boolean {
    return !this.execution.isAtRest || this.all.some(({ hasWork, phase }) => hasWork || !phase.is("stopped"));
  }

  /** The runner of an engine, made if need be. */
  of(engine: DebugEngine): Runner {
    const known = this.all.find((runner) => runner.engine === engine);
    if (known) return known;
    const runner: Runner = new Runner(engine, this, () => this.retire(runner));
    this.#runners.add(runner);
    this.execution.ref();
    return runner;
  }

  /** A new program id: of a child, until {@linkcode expect} says otherwise. */
  newProgramId(): string {
    const id = crypto.randomUUID();
    this.#known.set(id, { reason: "auto" });
    return id;
  }

  /** A program is about to be opened. */
  expect(programId: string, reason: AttachReason, port: Port): void {
    this.#known.set(programId, { reason, port });
  }

  /** Why a program comes; undefined for an id that was not given here. */
  reasonOf(programId: string): AttachReason | undefined {
    return this.#known.get(programId)?.reason;
  }

  /** The runner of a program that is debugged. */
  runnerWith(program: Program): Runner | undefined {
    for (const runner of this.#runners) if (runner.programs.get(program.id) === program) return runner;
    return undefined;
  }

  /** The program that was opened there under this process id and is debugged yet. */
  findAt(port: Port, processId: number): Program | undefined {
    return [...this.programs.values()].find((program) =>
      program.processId === processId && this.#known.get(program.root.id)?.port === port
    );
  }

  /** An engine that came with a program leaves with it. */
  retire(runner: Runner): void {
    if (!runner.phase.is("stopped") || runner.hasWork || this.#isLoaded(runner.engine)) return;
    if (!this.#runners.delete(runner)) return;
    runner.engine.dispose().catch((error) => this.execution.waiting.fail(error));
  }
}
