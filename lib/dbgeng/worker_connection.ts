import { type Com, ComObject } from "../com/com_object.ts";
import { HresultError } from "../com/hresult.ts";
import { Custody } from "./custody.ts";
import type { Departure, EngineApi, EngineConnection, EngineInput } from "./engine_api.ts";
import type { EngineEvent } from "../session/engine.ts";
import { EngineError, errorFromRecord, type ErrorRecord, recordFromError } from "../session/errors.ts";
import { DEBUG_INTERRUPT_ACTIVE } from "./generated/constants.ts";
import { IDebugControl } from "./generated/debug_control.ts";
import { WORKER_SOURCE } from "./generated/worker_source.ts";
import { InputPipes } from "./input_pipe.ts";
import { letGoBeside } from "./let_go.ts";
import { Patience } from "./patience.ts";
import { Stay } from "./stay.ts";
import { CallerBorder, newDoors } from "./thread/border.ts";
import { unanswered } from "./thread/failures.ts";
import { askForInterrupt, Lifeline, newSharedWords } from "./thread/lifeline.ts";
import type { EngineMessage, EngineRequest, EngineStart } from "./thread/messages.ts";
import { Turns } from "./turns.ts";
import { releaseName } from "./thread/windows.ts";
import { Watchdog } from "./watchdog.ts";
import { refWorker } from "./worker_ref.ts";

/** How often an interrupt is sent to an engine that carries out a command, in milliseconds. */
const INSISTS = 60;

/** How long an engine may take to leave before the script ends without it, in milliseconds. */
const LEAVES = 1_800;
/** The same where it has been given up before. */
const LEAVES_GIVEN_UP = 800;

/** Why an engine is given up that waits on for a process server whose connection was cut. */
const STUCK = "it waits for a process server that is gone; go on in another process";

/** How long a call may take, in milliseconds, until it is broken off when nobody wants to wait for it. */
const LONG = 200;

/** How long the engine's thread may make no step, in milliseconds, once nobody wants to wait for it. */
const PAUSE = 800;

interface Pending {
  readonly request: EngineRequest;
  resolve(value: unknown): void;
  reject(error: ErrorRecord): void;
}

/** The engine in a worker of its own: the script's thread stays free while programs run. */
export class WorkerConnection implements EngineConnection {
  onNotice: (event: EngineEvent) => void = () => {};
  onLost?: (error: Error) => void;
  readonly #worker: Worker;
  readonly #shared = newSharedWords();
  readonly #doors = newDoors();
  readonly #border = new CallerBorder(this.#doors, (request) => this.#worker.postMessage(request));
  readonly #turns = new Turns();
  readonly #watchdog = new Watchdog(this.#shared, () => this.#giveUp(STUCK), () => this.#stopConnect());
  readonly #pending = new Map<number, Pending>();
  readonly #lifeline = new Lifeline(this.#shared);
  readonly #patience = new Patience(this.#pending, (pause) => this.#onPause(pause));
  readonly #custody = new Custody();
  readonly #inputs = new InputPipes();
  readonly #stay = new Stay((isNeeded) => refWorker(this.#worker, isNeeded));
  #lastId = 0;
  #running = false;
  /** When the connections to process servers were cut, by `performance.now()`. */
  #cutAt: number | undefined;
  #isGivenUp = false;
  /** The call that was broken off last. */
  #brokenOff: number | undefined;
  /** Whether an interrupt was asked for that no stop has answered. */
  #isAsked = false;
  /** Takes interrupts in what a command has told the engine. */
  #control: Com<IDebugControl> | undefined;
  #insisting: ReturnType<typeof setInterval> | undefined;
  /** Set once the worker has ended: it answers nothing any more. */
  #lost: ErrorRecord | undefined;

  constructor() {
    const url = URL.createObjectURL(new Blob([WORKER_SOURCE], { type: "application/javascript" }));
    this.#worker = new Worker(url, { type: "module", name: "debug engine" });
    URL.revokeObjectURL(url);
    this.#worker.onmessage = ({ data }: MessageEvent<EngineMessage>) => this.#receive(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#giveUp(event.message);
      if (this.#lost) this.onLost?.(errorFromRecord(this.#lost));
    };
    const start: EngineStart = { shared: this.#shared, doors: this.#doors };
    this.#worker.postMessage(start);
  }

  async call<K extends keyof EngineApi>(
    name: K,
    ...values: Parameters<EngineApi[K]>
  ): Promise<ReturnType<EngineApi[K]>> {
    if (this.#lost) throw errorFromRecord(this.#lost);
    if (name === "connectServer") this.#watchdog.start();
    if (name === "run") this.#running = true;
    const id = ++this.#lastId;
    const request: EngineRequest = { id, name, values };
    const answer = new Promise<unknown>((resolve, reject) => this.#pending.set(id, { request, resolve, reject }));
    const begin = performance.now();
    this.#make(request, begin);
    if (name === "close") this.giveUp();
    this.#stay.begin(name);
    try {
      const value = await answer as ReturnType<EngineApi[K]>;
      if (name === "run") this.#turns.ran(performance.now() - begin);
      this.#custody.note(name, values, value);
      return value;
    } catch (record) {
      const error = errorFromRecord(record as ErrorRecord); // made here, so that its stack leads to the caller
      this.#custody.failed(name, error);
      throw error;
    } finally {
      this.#stay.end(name);
      if (name === "run") {
        this.#running = false;
        this.#stopInsisting();
      }
      await this.#turns.give();
    }
  }

  /** Makes a call, and sleeps for its answer for a moment when no other is under way. */
  #make(request: EngineRequest, begin: number): void {
    const patience = this.#pending.size === 1 ? this.#turns.patienceOf(request.name === "run") : 0;
    const message = this.#border.call(request, patience);
    if (patience > 0) this.#turns.slept(performance.now() - begin);
    if (message) this.#receive(message);
  }

  openInput(): EngineInput {
    return this.#inputs.open();
  }

  interrupt(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    this.#lifeline.expectTurn();
    askForInterrupt(this.#shared);
    this.#insist();
    this.#insisting = setInterval(() => this.#insist(), INSISTS);
  }

  /** What a command has told the engine takes no notice of what is asked, and an interrupt may be lost in it. */
  #insist(): void {
    if (this.#lifeline.isCommanded) this.#sendInterrupt();
  }

  /** Has the engine break off the call that it is in, as Ctrl-Break in WinDbg does, if that is a long one: a command, a search. */
  #breakOff(): void {
    const [pending] = this.#pending.values();
    if (!pending || this.#running || pending.request.name === "close" || (this.#lifeline.pause ?? 0) < LONG) return;
    if (this.#brokenOff !== pending.request.id) this.#lifeline.expectTurn(); // it has its time from now on
    this.#brokenOff = pending.request.id;
    this.#sendInterrupt();
  }

  #sendInterrupt(): void {
    try {
      this.#control?.SetInterrupt(DEBUG_INTERRUPT_ACTIVE);
    } catch (error) {
      if (!(error instanceof HresultError)) throw error; // the program is ending, and with it the run
    }
  }

  #stopInsisting(): void {
    clearInterval(this.#insisting);
    this.#isAsked = false;
  }

  leaveNow(departures: readonly Departure[]): void {
    if (this.#lost) return;
    const request: EngineRequest = { id: ++this.#lastId, name: "leave", values: [departures] };
    this.#border.call(request, 0);
    if (this.#running) this.interrupt(); // the wait has to end first
    for (let left = this.#isGivenUp ? LEAVES_GIVEN_UP : LEAVES; left > 0 && !this.#isStuck; left -= INSISTS) {
      if (Atomics.load(this.#shared, 1) !== 0) break;
      this.#insist(); // no timer fires in here
      this.#breakOff();
      Atomics.wait(this.#shared, 1, 0, INSISTS);
    }
    this.#letGoBeside(); // also what the engine did not let go: it passes over failures
  }

  #letGoBeside(): void {
    letGoBeside(this.#custody.local);
    this.#custody.clear();
  }

  giveUp(): void {
    if (this.#lost) return;
    this.#isGivenUp = true;
    this.#breakOff();
    const begin = performance.now();
    // A call that has not begun yet waits for nothing but its turn.
    this.#patience.lose(() => this.#lifeline.pause ?? performance.now() - begin);
  }

  get #isStuck(): boolean {
    return (this.#lifeline.pause ?? 0) > PAUSE && this.#lifeline.sockets.length === 0;
  }

  /**
   * A long call is broken off. Where process servers may be waited for, their connections are cut after that: what waits for them fails, and
   * the engine gets on.
   */
  #onPause(milliseconds: number): void {
    this.#breakOff();
    if (milliseconds <= PAUSE) return;
    if (this.#cutAt === undefined && this.#lifeline.sockets.length > 0) {
      this.#cutAt = performance.now();
      this.#watchdog.cutAll();
    } else if (this.#cutAt === undefined) this.#giveUp("it does not get on any more");
    else if (performance.now() - this.#cutAt > PAUSE) this.#giveUp(STUCK);
  }

  ref(isNeeded: boolean): void {
    if (!this.#lost) this.#stay.want(isNeeded);
  }

  dispose(): void {
    this.#giveUp("the session was disposed");
  }

  /** Ends the worker; should its thread be stuck inside the engine, that is left behind. */
  #giveUp(reason: string): void {
    this.#stopInsisting();
    this.#watchdog.stop();
    this.#patience.stop();
    this.#inputs.close();
    this.#letGoBeside();
    // The reference belongs to the worker's thread: it is let go, not released.
    this.#control = undefined;
    this.ref(false);
    this.#fail(reason);
    this.#worker.terminate();
    this.#giveLeaseBack();
  }

  /** A thread that was not inside the engine has left it as others can use it. */
  #giveLeaseBack(): void {
    const { lease, pulse } = this.#lifeline;
    if (lease === 0 || pulse !== undefined) return;
    this.#lifeline.lease = 0;
    releaseName(BigInt(lease));
  }

  #receive(message: EngineMessage): void {
    if ("notice" in message) return this.onNotice(message.notice);
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if ("error" in message) return pending?.reject(message.error);
    if (pending?.request.name === "close") this.#control = undefined; // released there
    if (message.pointer !== undefined) this.#control = ComObject.from(IDebugControl, message.pointer);
    pending?.resolve(message.value);
  }

  /** The engine's thread is in a connection that has had its time, and out of which nothing brings it: who waits is told. */
  #stopConnect(): void {
    const [pending] = this.#pending.values();
    if (pending?.request.name !== "connectServer") return;
    const [options, patience] = pending.request.values as Parameters<EngineApi["connectServer"]>;
    pending.reject(recordFromError(unanswered(options, patience)));
    const late = (server: unknown): void => void this.call("disconnectServer", server as bigint).catch(() => {});
    this.#pending.set(pending.request.id, { ...pending, resolve: late });
  }

  #fail(reason: string): void {
    this.#lost ??= recordFromError(new EngineError("lost", `The engine's thread ended: ${reason}`));
    for (const pending of this.#pending.values()) pending.reject(this.#lost);
    this.#pending.clear();
  }
}
