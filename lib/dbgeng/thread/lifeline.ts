import { kernel32 } from "./kernel.ts";

/** By 32-bit word. The second one is that of {@linkcode SharedWords}. */
const ASKED = 0;
const BUSY = 2;
const TURNS = 3;
const COMMANDED = 4;
const TIME = 5;
const LEASE = 6;
const THREAD = 7;
const PATIENCE = 8;
const CONNECTING = 9;
const BEGUN = 10;
const SOCKETS = 11;
const MOST_SOCKETS = 8;
/** A bit for each handle. */
const HANDLES = SOCKETS + MOST_SOCKETS;
/** Handles are multiples of four; those beyond this one are not looked at. */
export const LAST_HANDLE = 0x1_0000;

/** How many 32-bit words {@linkcode SharedWords} has. */
export const SHARED_WORDS = HANDLES + LAST_HANDLE / 4 / 32;

/**
 * Memory that the engine's thread shares with others: interrupts asked for so far; 1 once `leave` was carried out; what a
 * {@linkcode Lifeline} tells.
 */
export type SharedWords = Int32Array<SharedArrayBuffer>;

/** Memory for an engine that begins. */
export function newSharedWords(): SharedWords {
  return new Int32Array(new SharedArrayBuffer(4 * SHARED_WORDS));
}

/** Asks the engine's thread to stop running programs, from any thread: it looks for that before each wait. */
export function askForInterrupt(words: SharedWords): void {
  Atomics.add(words, ASKED, 1);
}

/** How many interrupts were asked for. */
export function interruptsAsked(words: SharedWords): number {
  return Atomics.load(words, ASKED);
}

/** Since Windows began, in milliseconds: nobody sets that clock, as `Date.now()`, and it does not begin with each thread, as `performance.now()`. */
function uptime(): number {
  return kernel32().GetTickCount();
}

/** Tells other threads whether the engine's thread gets on, and through which sockets it speaks with process servers. */
export class Lifeline {
  readonly #words: SharedWords;
  readonly #now: () => number;

  /** `now` gives milliseconds, the same ones to all threads. */
  constructor(words: SharedWords, now: () => number = uptime) {
    this.#words = words;
    this.#now = now;
  }

  /** The engine's thread goes into a call. */
  enter(): void {
    this.turn();
    Atomics.store(this.#words, BUSY, 1);
  }

  /** It has come out. */
  leave(): void {
    Atomics.store(this.#words, BUSY, 0);
  }

  /** It gets on inside a call. */
  turn(): void {
    this.expectTurn();
    Atomics.add(this.#words, TURNS, 1);
  }

  /** It is asked to get on: what it did before is no {@linkcode Lifeline.pause}. */
  expectTurn(): void {
    Atomics.store(this.#words, TIME, this.#now() | 0);
  }

  /** Changes with each turn; undefined while the engine's thread is in no call. */
  get pulse(): number | undefined {
    return Atomics.load(this.#words, BUSY) === 0 ? undefined : Atomics.load(this.#words, TURNS);
  }

  /** Whether the engine's thread waits without an end, or may: a command alone knows when it is over. */
  get isCommanded(): boolean {
    return Atomics.load(this.#words, COMMANDED) !== 0;
  }

  set isCommanded(value: boolean) {
    Atomics.store(this.#words, COMMANDED, value ? 1 : 0);
  }

  /** How long ago it got on, in milliseconds; undefined while the engine's thread is in no call. */
  get pause(): number | undefined {
    return Atomics.load(this.#words, BUSY) === 0 ? undefined : (this.#now() - Atomics.load(this.#words, TIME)) | 0;
  }

  /** The handle of the engine's {@linkcode EngineLease}; 0 without one. */
  get lease(): number {
    return Atomics.load(this.#words, LEASE);
  }

  set lease(handle: number) {
    Atomics.store(this.#words, LEASE, handle);
  }

  /** Windows' id of the engine's thread; 0 before it has connected to a process server. */
  get threadId(): number {
    return Atomics.load(this.#words, THREAD);
  }

  /** How long a process server may take to answer, in milliseconds. */
  get patience(): number {
    return Atomics.load(this.#words, PATIENCE);
  }

  /** The port that the engine is being connected to; 0 while it is to none. */
  get connecting(): number {
    return Atomics.load(this.#words, CONNECTING);
  }

  /** For how long that is under way, in milliseconds. */
  get connectingFor(): number {
    return (this.#now() - Atomics.load(this.#words, BEGUN)) | 0;
  }

  /** A connection to a port begins on this thread, with these handles open. */
  beginConnect(port: number, handles: readonly number[], threadId: number, patience: number): void {
    this.turn();
    Atomics.store(this.#words, THREAD, threadId);
    Atomics.store(this.#words, PATIENCE, patience);
    this.#words.fill(0, HANDLES);
    for (const handle of handles) Atomics.or(this.#words, HANDLES + (handle >> 7), 1 << ((handle >> 2) & 31));
    Atomics.store(this.#words, BEGUN, this.#now() | 0);
    Atomics.store(this.#words, CONNECTING, port);
  }

  /** It is over; from now on servers may take so many milliseconds. */
  endConnect(patience: number): void {
    this.turn(); // the servers were not waited for meanwhile
    Atomics.store(this.#words, CONNECTING, 0);
    Atomics.store(this.#words, PATIENCE, patience);
  }

  /** Whether a handle was not open when the last connection began. */
  isNew(handle: number): boolean {
    return (Atomics.load(this.#words, HANDLES + (handle >> 7)) >> ((handle >> 2) & 31) & 1) === 0;
  }

  /** The sockets to process servers. */
  get sockets(): number[] {
    return [...this.#words.subarray(SOCKETS, HANDLES)].filter((socket) => socket !== 0);
  }

  /** A process server was connected through a socket; those beyond the eighth are not watched. */
  add(socket: number): void {
    const free = this.#words.subarray(0, HANDLES).indexOf(0, SOCKETS);
    if (free >= 0) Atomics.store(this.#words, free, socket);
  }

  /** A socket is not the engine's any more. */
  remove(socket: number): void {
    const at = this.#words.subarray(0, HANDLES).indexOf(socket, SOCKETS);
    if (at >= 0) Atomics.store(this.#words, at, 0);
  }
}
