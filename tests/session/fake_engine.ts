/** An engine that does what a test says: for the order of things, and for failures that a real one has too rarely. */
import assert from "node:assert/strict";
import type { Departure, EngineApi, EngineConnection, EngineStop } from "../../lib/dbgeng/engine_api.ts";
import type { EngineEvent, EngineEventData, EngineEventName, ModuleInfo } from "../../lib/session/engine.ts";
import { DBGENG, NativeEngine } from "../../lib/dbgeng/native_engine.ts";
import { LOCAL_ADDRESS, localSupplier, processServerSupplier } from "../../lib/dbgeng/native_ports.ts";
import { EngineError } from "../../lib/session/errors.ts";
import { SessionManager } from "../../lib/session/session.ts";

type Answers = { [K in keyof EngineApi]?: (...values: Parameters<EngineApi[K]>) => unknown };

/** What a process is told about by when a test does not care. */
export const MODULE: ModuleInfo = {
  name: "app",
  imageName: "app.exe",
  base: 0x1000n,
  size: 0x1000,
  checksum: 0,
  timestamp: 0,
};

/** Thread of all events. */
export const THREAD = 1;

/** An event of a process. */
export function event<K extends EngineEventName>(type: K, processId: number, data: EngineEventData[K]): EngineEvent {
  return { type, processId, threadId: THREAD, ...data } as EngineEvent;
}

/** Text as the simplest event that holds a process. */
export function loadOf(processId: number, name: string): EngineEvent {
  return event("loadModule", processId, { module: { ...MODULE, name } });
}

export class FakeEngine implements EngineConnection {
  onNotice: (event: EngineEvent) => void = () => {};
  /** What was called, in order: `run go`, `terminate 7`, `interrupt` … */
  readonly log: string[] = [];
  /** What calls answer or throw; without an answer they give nothing. */
  answers: Answers = {};
  /** Whether an interrupt stops a run at once. @default {true} */
  interruptible = true;
  #run: PromiseWithResolvers<EngineStop> | undefined;
  #running = Promise.withResolvers<void>();
  #lost: Error | undefined;
  /** An interrupt came just before a run, which ends with it: real ones are sent until they are heard. */
  #isInterruptDue = false;

  async call<K extends keyof EngineApi>(
    name: K,
    ...values: Parameters<EngineApi[K]>
  ): Promise<ReturnType<EngineApi[K]>> {
    if (this.#lost) throw this.#lost;
    assert.ok(!this.#run, `${name} is called while the engine runs`);
    this.log.push([name, ...values.map(wordOf)].join(" ").trim());
    await Promise.resolve();
    const answer = this.answers[name] as ((...values: unknown[]) => unknown) | undefined;
    if (answer) return await answer(...values) as ReturnType<EngineApi[K]>;
    if (name !== "run") return undefined as ReturnType<EngineApi[K]>;
    if (this.#isInterruptDue) {
      this.#isInterruptDue = false;
      return { kind: "interrupt", processId: 0, threadId: THREAD } as ReturnType<EngineApi[K]>;
    }
    this.#run = Promise.withResolvers();
    this.#running.resolve();
    return await this.#run.promise as ReturnType<EngineApi[K]>;
  }

  interrupt(): void {
    this.log.push("interrupt");
    if (!this.interruptible) return;
    if (this.#run) this.stop({ kind: "interrupt", processId: 0, threadId: THREAD });
    else this.#isInterruptDue = true;
  }

  leaveNow(departures: readonly Departure[]): void {
    for (const { processId, how } of departures) this.log.push(`${how} ${processId} now`);
  }

  dispose(): void {
    this.log.push("dispose");
  }

  /** Resolves when a run is under way. */
  async running(): Promise<void> {
    await this.#running.promise;
  }

  /** Ends the run that is under way. */
  stop(stop: EngineStop): void {
    const run = this.#endRun();
    run.resolve(structuredClone(stop)); // as it comes from another thread
  }

  /** Stops the run at an event and resolves when the next run is under way. */
  async pass(at: EngineEvent | "initialBreak", processId = 0): Promise<void> {
    this.stop(at === "initialBreak" ? { kind: at, processId, threadId: THREAD } : { kind: "event", event: at });
    await this.running();
  }

  /** Has the run that is under way fail. */
  fail(error: Error): void {
    this.#endRun().reject(error);
  }

  /** The engine's thread ends: the run fails, and so does every call after it. */
  lose(): void {
    this.#lost = new EngineError("lost", "The engine's thread ended: for a test");
    if (this.#run) this.fail(this.#lost);
  }

  /** What was called since the last time. */
  takeLog(): string[] {
    return this.log.splice(0);
  }

  #endRun(): PromiseWithResolvers<EngineStop> {
    const run = this.#run;
    assert.ok(run, "the engine runs");
    this.#run = undefined;
    this.#running = Promise.withResolvers();
    return run;
  }
}

/** A session with such an engine. */
export function fakeSession(handlerDeadline = Infinity): { session: SessionManager; engine: FakeEngine } {
  const engine = new FakeEngine();
  const session = new SessionManager({ watchExit: false, handlerDeadline }, {
    engines: { [DBGENG]: (host) => new NativeEngine(engine, host, {}) },
    ports: [localSupplier, processServerSupplier],
    local: { address: LOCAL_ADDRESS, engineId: DBGENG },
  });
  return { session, engine };
}

/** Launches a program of this process id, to its initial break. */
export async function launched(
  session: SessionManager,
  engine: FakeEngine,
  processId: number,
  initialBreak = true,
): Promise<Awaited<ReturnType<SessionManager["launch"]>>> {
  const program = session.launch("app.exe", { initialBreak });
  await engine.running();
  await engine.pass(event("createProcess", processId, { module: MODULE, startAddress: 0n }));
  engine.stop({ kind: "initialBreak", processId, threadId: THREAD });
  return await program;
}

function wordOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return value.join();
  const { processId, commandLine } = value as { processId?: number; commandLine?: string };
  return String(processId ?? commandLine ?? "");
}
