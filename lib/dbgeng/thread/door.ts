/** Memory at which a thread sleeps, and where it is handed what it waits for. */
import { decode, encode } from "../../session/codec.ts";

/** What its thread is about: it is somewhere else, sleeps here, or has been handed something. */
const STATE = 0;
const AWAY = 0;
const ASLEEP = 1;
const GIVEN = 2;

/** How many bytes it was handed. */
const LENGTH = 1;
/** How many messages were sent to the thread instead, and how many it has seen. */
const SENT = 2;
const SEEN = 3;
const WORDS = 4;

/** Room for what is handed over, in bytes. */
const ROOM = 0x8000;

/** The memory of a {@linkcode Door}. */
export type DoorMemory = SharedArrayBuffer;

/** Memory for a door at which nobody is yet. */
export function newDoorMemory(): DoorMemory {
  return new SharedArrayBuffer(4 * WORDS + ROOM);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * One thread sleeps at it, one other hands it things. The state changes from `ASLEEP` to something else once, by whoever is first: the sleeper, whose
 * time is over, or the other one.
 */
export class Door {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #room: Uint8Array<SharedArrayBuffer>;

  constructor(memory: DoorMemory) {
    this.#words = new Int32Array(memory, 0, WORDS);
    this.#room = new Uint8Array(memory, 4 * WORDS);
  }

  /** Whether messages are on their way to the thread that sleeps here: what is handed over would overtake them. */
  get isBehind(): boolean {
    return Atomics.load(this.#words, SENT) !== Atomics.load(this.#words, SEEN);
  }

  /** Its thread has got a message. */
  saw(): void {
    Atomics.add(this.#words, SEEN, 1);
  }

  /** A message is about to be sent instead. */
  count(): void {
    Atomics.add(this.#words, SENT, 1);
  }

  /** The thread is about to sleep: from now on it is handed what comes. */
  arm(): void {
    Atomics.store(this.#words, STATE, ASLEEP);
  }

  /** Sleeps, once armed, for so many milliseconds at most; gives what was handed over, if anything. */
  sleep(milliseconds: number): unknown {
    Atomics.wait(this.#words, STATE, ASLEEP, milliseconds);
    if (Atomics.exchange(this.#words, STATE, AWAY) !== GIVEN) return undefined;
    return decode(decoder.decode(this.#room.slice(0, this.#words[LENGTH])));
  }

  /** Hands something over; whether the thread sleeps and has got it. What is too long it does not get. */
  give(value: unknown): boolean {
    if (Atomics.load(this.#words, STATE) !== ASLEEP || sizeOf(value) > ROOM) return false;
    const text = encode(value);
    const { read, written } = encoder.encodeInto(text, this.#room);
    if (read < text.length) return false;
    this.#words[LENGTH] = written;
    return this.#wake(GIVEN);
  }

  /** Wakes the thread, if it sleeps: it finds nothing. */
  wake(): void {
    this.#wake(AWAY);
  }

  #wake(state: number): boolean {
    if (Atomics.compareExchange(this.#words, STATE, ASLEEP, state) !== ASLEEP) return false;
    Atomics.notify(this.#words, STATE);
    return true;
  }
}

/** The least that a message may take, in bytes: of its texts and bytes. Making the text of a long one in vain would cost more than the message. */
function sizeOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (value instanceof Uint8Array) return value.length;
  if (typeof value !== "object" || value === null) return 1;
  let size = 0;
  for (const part of Object.values(value)) size += sizeOf(part);
  return size;
}
