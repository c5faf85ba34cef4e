import type { EngineApi, EngineConnection, EngineLaunch, EngineStop } from "../dbgeng/engine_api.ts";
import { EngineError, recordFromError, StateError } from "../session/errors.ts";
import { isGone } from "../session/release.ts";
import type { ExecutionStatus } from "../session/status.ts";
import type { ByteChannel } from "./channel.ts";
import { Custody } from "../dbgeng/custody.ts";
import { decode, hasMoreValues } from "../session/codec.ts";
import { HostInputs, isPart, MAX_PART } from "./inputs.ts";
import type { ClientMessage, HostMessage, InputPart } from "./messages.ts";
import { textOfJson, Wire, type WireOptions } from "./wire.ts";

/** So many calls may wait for their answer; {@linkcode RemoteConnection} keeps to a part of that. */
export const MAX_CALLS = 256;

/** So many bytes may the calls have that wait, as they came; {@linkcode RemoteConnection}'s never have as many. */
export const MAX_WAITING = 32 << 20;

/** What a client has done that is ended for that. */
export const TOO_MUCH = "it asked for more than its host keeps";

/** So many values may a call have: the longest is a launch with all its environment. */
const MAX_VALUES = 10_000;

/** How long programs run before the client must have taken the notices that came meanwhile, in milliseconds. */
const SLICE = 1_000;

/** The same when more bytes of notices than that came in the last slice. */
const SHORT_SLICE = 50;
const MANY_BYTES = 8 << 20;

/** So many notices may be under way when a slice is over. */
const NOTICES = 1_000;

/** How long an attach or a launch may take, once nobody waits for it any more, in milliseconds. */
const COMES_UP = 3_000;

/** How long programs may take to be let go when the client has gone, in milliseconds. */
const LEAVES = 5_000;

/** Options of {@linkcode serveEngine}. */
export interface ServeOptions extends WireOptions {
  /** Takes what the client prints beside its messages. */
  readonly onText?: ((bytes: Uint8Array<ArrayBuffer>) => void) | undefined;
  /** Ends it from this side. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Serves an engine to the other side of a stream, until that has gone: then the programs that it opened are let go as they
 * came, and the engine is closed. Gives why it ended.
 */
export async function serveEngine(
  channel: ByteChannel,
  connection: EngineConnection,
  options: ServeOptions = {},
): Promise<string> {
  return await new Host(channel, connection, options).over;
}

class Host {
  readonly over: Promise<string>;
  readonly #connection: EngineConnection;
  readonly #wire: Wire;
  readonly #custody = new Custody();
  readonly #inputs: HostInputs;
  /** The calls, one after another. */
  #queue: Promise<void> = Promise.resolve();
  #waiting = 0;
  #waitingLength = 0;
  #isLost = false;
  #isRunning = false;
  /** How many runs were asked for and are not over. */
  #runs = 0;
  #interruptAsked = false;
  #notices = 0;
  #noticeBytes = 0;
  #noted = 0;
  #wakeNoted: (() => void) | undefined;

  constructor(channel: ByteChannel, connection: EngineConnection, options: ServeOptions) {
    this.#connection = connection;
    this.#inputs = new HostInputs(connection, (message) => void this.#wire.send(message), () => this.#wire.drained());
    const { promise, resolve } = Promise.withResolvers<string>();
    this.over = promise;
    connection.onNotice = (notice) => {
      this.#notices++;
      this.#noticeBytes += this.#wire.send({ notice } satisfies HostMessage);
    };
    connection.onLost = (error) => this.#wire.send({ lost: recordFromError(error) } satisfies HostMessage);
    const lost = (reason: string): void => void this.#leave().finally(() => resolve(reason));
    this.#wire = new Wire(channel, {
      message: (message) => this.#receive(message as ClientMessage),
      long: (json) => this.#receiveLong(json),
      lost,
      ...(options.onText ? { text: options.onText } : {}),
      // Who holds no program may take its time.
    }, { ...options, excuse: () => !this.#custody.holds || (options.excuse?.() ?? false) });
    const end = (): void => this.#wire.end("it was ended");
    if (options.signal?.aborted) end();
    else options.signal?.addEventListener("abort", end, { once: true });
  }

  #receive(message: ClientMessage): void {
    if ("interrupt" in message) return this.#interrupt();
    if ("giveUp" in message) return this.#connection.giveUp?.();
    if ("noted" in message) return this.#note(message.noted);
    if ("input" in message) return this.#inputs.receive(message);
    const call = checked(message);
    if (call.call === "run") this.#runs++;
    this.#enqueue(0, () => this.#answer(call)).finally(() => {
      if (call.call === "run") this.#runs--;
    });
  }

  /** What is long is a piece of input, or a call. That is kept as it came until it is its turn. */
  #receiveLong(json: Uint8Array<ArrayBuffer>): void {
    if (json.length <= MAX_PART && isPart(json)) return this.#inputs.receive(this.#decoded(json) as InputPart);
    this.#enqueue(json.length, async () => {
      if (!this.#isLost) await this.#answer(checked(this.#decoded(json) as Call));
    });
  }

  #decoded(json: Uint8Array<ArrayBuffer>): unknown {
    if (hasMoreValues(json, MAX_VALUES)) throw new TypeError(`a message has more than ${MAX_VALUES} values`);
    return decode(textOfJson(json));
  }

  #enqueue(length: number, answer: () => Promise<void>): Promise<void> {
    if (++this.#waiting > MAX_CALLS) this.#wire.end(`${TOO_MUCH}: more than ${MAX_CALLS} calls wait for their answer`);
    if ((this.#waitingLength += length) > MAX_WAITING) {
      this.#wire.end(`${TOO_MUCH}: the calls that wait have more than ${MAX_WAITING >> 20} MB`);
    }
    return this.#queue = this.#queue.then(answer).catch((error: Error) => {
      this.#wire.end(`it sent what is no message of Latch's: ${error.message}`);
    }).finally(() => {
      this.#waiting--;
      this.#waitingLength -= length;
    });
  }

  #interrupt(): void {
    if (this.#runs === 0 || this.#interruptAsked) return; // a flood of them is one
    this.#interruptAsked = true;
    if (this.#isRunning) this.#connection.interrupt();
  }

  #note(count: number): void {
    this.#noted = count;
    this.#wakeNoted?.();
  }

  async #answer({ id, call, values }: Call): Promise<void> {
    if (this.#isLost) return;
    let message: HostMessage;
    try {
      message = { id, value: await this.#perform(call, values) };
      this.#custody.note(call, values, message.value);
    } catch (error) {
      this.#custody.failed(call, error);
      message = { id, error: recordFromError(error) };
    }
    try {
      this.#wire.send(message);
    } catch (error) {
      this.#wire.send({ id, error: recordFromError(error) } satisfies HostMessage);
    }
    await this.#wire.drained(); // a client that asks and does not read fills no memory here
  }

  async #perform(call: keyof EngineApi, values: readonly unknown[]): Promise<unknown> {
    if (!Object.hasOwn(CALLS, call)) throw new TypeError(`The engine has no call "${call}"`);
    if (call === "run") return await this.#run(values[0] as ExecutionStatus);
    if (call === "close") return await this.#close();
    if (call === "launch" && hasInput(values[0])) return await this.#inputs.launch(values[0]);
    const ask = this.#connection.call as (name: string, ...values: readonly unknown[]) => Promise<unknown>;
    return await ask.call(this.#connection, call, ...values);
  }

  /** Runs in slices, so that a client that is slow to take notices is waited for while the programs stand. */
  async #run(status: ExecutionStatus): Promise<EngineStop> {
    this.#isRunning = true;
    let slice = SLICE;
    try {
      for (let how = status;; how = "noChange") {
        this.#noticeBytes = 0;
        const running = this.#connection.call("run", how, slice);
        if (this.#interruptAsked) this.#connection.interrupt(); // it came before, or between two slices
        const stop = await running;
        // Programs run on after a slice, and nobody can let them go: an interrupt may come too late for one, and is for the next.
        if (stop.kind !== "expired") return stop;
        await this.#untilNoted();
        slice = this.#noticeBytes > MANY_BYTES ? SHORT_SLICE : Math.min(2 * slice, SLICE);
      }
    } finally {
      this.#isRunning = false;
      this.#interruptAsked = false;
    }
  }

  async #untilNoted(): Promise<void> {
    while (this.#notices - this.#noted > NOTICES && !this.#isLost) {
      await new Promise<void>((resolve) => this.#wakeNoted = resolve);
    }
    await this.#wire.drained();
  }

  async #leave(): Promise<void> {
    this.#isLost = true;
    this.#inputs.closeAll();
    this.#connection.giveUp?.();
    this.#wakeNoted?.();
    const limit = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => limit.resolve(false), LEAVES);
    const left = await Promise.race([this.#letGo().then(() => true, () => false), limit.promise]);
    clearTimeout(timer);
    if (!left) this.#connection.leaveNow(this.#custody.departures);
    this.#connection.dispose();
  }

  async #letGo(): Promise<void> {
    this.#interruptAsked = true;
    if (this.#isRunning) this.#connection.interrupt();
    await this.#queue;
    await this.#close();
  }

  /** A client that asks for this has let its programs go, as a rule. */
  async #close(): Promise<void> {
    await this.#bringUp();
    if (this.#awaits) {
      throw new StateError("running", "Cannot close the engine: a program that was asked for has not come up yet");
    }
    for (const { processId, how } of this.#custody.departures) {
      await this.#connection.call(how, processId).catch((error) => {
        // A command has let it go, or its process server has died; a lost engine lets nobody go.
        if (!isGone(error) || error instanceof EngineError) throw error;
      });
    }
    this.#custody.clear();
    this.#inputs.closeAll();
    await this.#connection.call("close");
  }

  /** An attach or a launch that was not waited for has to come up before it can be let go. */
  async #bringUp(): Promise<void> {
    try {
      for (const end = performance.now() + COMES_UP; this.#awaits && performance.now() < end;) {
        const stop = await this.#connection.call("run", "go", SLICE);
        this.#custody.note("run", [], stop);
      }
    } catch {
      this.#custody.awaitNone(); // that failed: there is nothing to let go
    }
  }

  /**
   * Whether an attach or a launch is under way: the engine lets nothing go that has not come up. Its end would be the attached program's, and what
   * was launched would stay behind, held by nobody.
   */
  get #awaits(): boolean {
    const { awaited, isLaunching } = this.#custody;
    const all = isLaunching ? [...awaited, undefined] : awaited;
    return all.some((processId) => this.#connection.awaits?.(processId) ?? true);
  }
}

type Call = Extract<ClientMessage, { readonly id: number }>;

function checked(message: Call): Call {
  const { id, call, values } = message;
  if (typeof id === "number" && typeof call === "string" && Array.isArray(values)) return message;
  throw new TypeError("a call lacks its id, name or values");
}

function hasInput(launch: unknown): launch is EngineLaunch {
  return typeof launch === "object" && launch !== null && "input" in launch;
}

/** What a client may call: the engine's methods, and nothing else that an object has. */
const CALLS: Readonly<Record<keyof EngineApi, true>> = {
  ...{ open: true, close: true, subscribe: true, attach: true, launch: true, run: true, breakAtEntry: true },
  ...{ openDump: true, detach: true, terminate: true, abandon: true, leave: true, processes: true },
  ...{ connectServer: true, disconnectServer: true, endServer: true, startServer: true, serve: true, stopServer: true },
  ...{ threads: true, modules: true, stack: true, registers: true, writeRegister: true, read: true, write: true },
  ...{ readWithPage: true, report: true, nameAt: true, addressOf: true, variable: true, type: true, locals: true },
  ...{ breakpoints: true, sourceLines: true, position: true, step: true },
  ...{ evaluate: true, execute: true, writeDump: true },
};
