import type { EngineApi, EngineConnection, EngineInput, Focus } from "../dbgeng/engine_api.ts";
import type { EngineEvent } from "../session/engine.ts";
import { EngineError, type EngineErrorKind, errorFromRecord, type ErrorRecord } from "../session/errors.ts";
import { Patience } from "../dbgeng/patience.ts";
import { Stay } from "../dbgeng/stay.ts";
import type { ByteChannel } from "./channel.ts";
import { ClientInputs } from "./inputs.ts";
import type { ClientMessage, HostMessage } from "./messages.ts";
import { weightOf, Window } from "./window.ts";
import { Wire } from "./wire.ts";

/** Memory goes in pieces of so many bytes. */
const PIECE = 4 << 20;

/** Notices are receipted in such heaps. */
const RECEIPT = 100;

/** How long the host may give no sign of life, in milliseconds. */
const SILENCE = 30_000;

/** The same once nobody wants to wait for it. The host sees to it that its engine gets on. */
const PAUSE = 1_000;

/** How long the end of what a host printed is waited for when it has ended, in milliseconds. */
const LAST_WORDS = 50;

/** How a {@linkcode RemoteConnection} names its host, and tells what came of it. */
export interface HostDescription {
  /** For messages, for example `host "ssh lab7"`. */
  readonly name: string;
  /** Resolves when the host has ended by itself, with a kind of error and a sentence's end: as much as is known when that is asked for. */
  readonly ended?: Promise<{ readonly reason: string; readonly kind: EngineErrorKind }>;
  /** How long it may give no sign of life, in milliseconds. */
  readonly silence?: number;
  /** Is called when it is over and the host has not ended yet; one that has never greeted may not notice by itself, and holds no program. */
  leave?(isGreeted: boolean): void;
  /** Whether the script is to stay for it: at first it is. */
  ref?(isNeeded: boolean): void;
  /** Takes what it prints beside its messages. */
  readonly onText?: (bytes: Uint8Array<ArrayBuffer>) => void;
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: ErrorRecord): void;
}

/** An engine on the other side of a stream. */
export class RemoteConnection implements EngineConnection {
  onNotice: (event: EngineEvent) => void = () => {};
  onLost: (error: Error) => void = () => {};
  readonly #wire: Wire;
  readonly #host: HostDescription;
  readonly #pending = new Map<number, Pending>();
  readonly #window = new Window();
  readonly #patience = new Patience(this.#pending, (pause) => pause > PAUSE && this.#wire.end("it does not answer"));
  readonly #stay = new Stay((isNeeded) => this.#host.ref?.(isNeeded));
  readonly #inputs = new ClientInputs((message) => void this.#wire.send(message));
  #lastId = 0;
  #noted = 0;
  /** How many runs are under way. */
  #runs = 0;
  #interruptNext = false;
  #isDisposed = false;
  #lost: ErrorRecord | undefined;

  constructor(channel: ByteChannel, host: HostDescription) {
    this.#host = host;
    this.#wire = new Wire(channel, {
      message: (message) => this.#receive(message as HostMessage),
      lost: (reason) => void this.#lose(reason),
      ...(host.onText ? { text: host.onText } : {}),
    }, { silence: host.silence ?? SILENCE });
    host.ended?.then(async (end) => {
      // What it printed last may still be on its way; others can hold the stream open for good.
      await Promise.race([this.#wire.inputEnded, new Promise((resolve) => setTimeout(resolve, LAST_WORDS))]);
      this.#fail(end.reason, this.#wire.isGreeted ? "lost" : end.kind);
      this.#wire.end(end.reason);
    });
  }

  async call<K extends keyof EngineApi>(
    name: K,
    ...values: Parameters<EngineApi[K]>
  ): Promise<ReturnType<EngineApi[K]>> {
    this.#stay.begin(name);
    try {
      await this.#wire.greeted;
      return await this.#carryOut(name, values) as ReturnType<EngineApi[K]>;
    } finally {
      this.#stay.end(name);
    }
  }

  giveUp(): void {
    if (!this.#wire.isGreeted) return this.dispose();
    this.#wire.send({ giveUp: true } satisfies ClientMessage);
    this.#wire.ask();
    const begin = performance.now();
    this.#patience.lose(() => performance.now() - Math.max(begin, this.#wire.lastSign));
  }

  ref(isNeeded: boolean): void {
    this.#stay.want(isNeeded);
  }

  openInput(): EngineInput {
    return this.#inputs.open();
  }

  interrupt(): void {
    if (this.#runs > 0) this.#wire.send({ interrupt: true } satisfies ClientMessage);
    else this.#interruptNext = true; // between two runs: it is for the next one, as where the engine is here
  }

  /** The host lets the programs go by itself when this side has gone: it knows what it opened, and how. */
  leaveNow(): void {
    this.dispose();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#patience.stop();
    this.#wire.end("the session was disposed");
  }

  #carryOut(name: keyof EngineApi, values: readonly unknown[]): Promise<unknown> {
    if (name === "read") return this.#read(...values as Parameters<EngineApi["read"]>);
    if (name === "write") return this.#write(...values as Parameters<EngineApi["write"]>);
    return this.#ask(name, values);
  }

  async #ask(call: keyof EngineApi, values: readonly unknown[]): Promise<unknown> {
    const weight = weightOf(values);
    await this.#window.enter(weight);
    try {
      return await this.#send(call, values);
    } finally {
      this.#window.leave(weight);
    }
  }

  async #send(call: keyof EngineApi, values: readonly unknown[]): Promise<unknown> {
    if (this.#lost) throw errorFromRecord(this.#lost);
    const id = ++this.#lastId;
    this.#wire.send({ id, call, values } satisfies ClientMessage);
    if (call === "run") this.#beginRun();
    else if (call === "close") this.#interruptNext = false; // a channel can outlive its session
    try {
      const value = await new Promise<unknown>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
      if (call === "close") this.#patience.stop();
      return value;
    } catch (record) {
      throw errorFromRecord(record as ErrorRecord); // made here, so that its stack leads to the caller
    } finally {
      this.#pending.delete(id);
      if (call === "run") this.#runs--;
    }
  }

  #beginRun(): void {
    this.#runs++;
    if (this.#interruptNext) this.interrupt();
    this.#interruptNext = false;
  }

  async #read(focus: Focus, address: bigint, length: number): Promise<Uint8Array<ArrayBuffer>> {
    if (!(length > PIECE)) return await this.#ask("read", [focus, address, length]) as Uint8Array<ArrayBuffer>;
    const all = new Uint8Array(length);
    for (let at = 0; at < length; at += PIECE) {
      const piece = await this.#ask("read", [focus, address + BigInt(at), Math.min(PIECE, length - at)]);
      all.set(piece as Uint8Array, at);
    }
    return all;
  }

  async #write(focus: Focus, address: bigint, bytes: Uint8Array<ArrayBuffer>): Promise<number> {
    let written = 0;
    do {
      const piece = bytes.subarray(written, written + PIECE);
      const count = await this.#ask("write", [focus, address + BigInt(written), piece]) as number;
      written += count;
      if (count < piece.length) break;
    } while (written < bytes.length);
    return written;
  }

  #receive(message: HostMessage): void {
    if ("notice" in message) return this.#takeNotice(message.notice);
    if ("input" in message) return this.#inputs.receive(message);
    if ("lost" in message) return this.onLost(errorFromRecord(message.lost));
    const pending = this.#pending.get(message.id);
    if ("error" in message) pending?.reject(message.error);
    else pending?.resolve(message.value);
  }

  #takeNotice(notice: EngineEvent): void {
    this.onNotice(notice);
    if (++this.#noted % RECEIPT === 0) this.#wire.send({ noted: this.#noted } satisfies ClientMessage);
  }

  /** A host that has ended says why better than the end of its stream, which comes at the same time. */
  async #lose(reason: string): Promise<void> {
    if (this.#host.ended && !this.#isDisposed) {
      const ended = await Promise.race([this.#host.ended, new Promise<void>((resolve) => setTimeout(resolve, 300))]);
      if (ended) return this.#fail(ended.reason, this.#wire.isGreeted ? "lost" : ended.kind);
    }
    this.#host.leave?.(this.#wire.isGreeted);
    this.#fail(reason, this.#wire.isGreeted ? "lost" : "failed");
  }

  #fail(reason: string, kind: EngineErrorKind): void {
    const what = kind === "lost" ? `The engine's ${this.#host.name} is lost` : `Cannot use the ${this.#host.name}`;
    if (this.#lost) return;
    this.#lost = { name: "EngineError", kind, message: `${what}: ${reason}` };
    for (const pending of this.#pending.values()) pending.reject(this.#lost);
    this.#window.open();
    this.#inputs.lose();
    this.onLost(errorFromRecord(this.#lost));
  }
}

/** A connection that fails at every call, for a host that cannot even be started. */
export function failedConnection(error: EngineError): EngineConnection {
  return {
    onNotice: () => {},
    call: () => Promise.reject(error),
    interrupt: () => {},
    leaveNow: () => {},
    dispose: () => {},
  };
}
