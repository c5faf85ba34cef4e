/** Frames as they cross the stream, without Latch: sends what it is told to, and puts what comes back to the oracle. */
import type { Attempt } from "./attempts.ts";
import type { Known, Outcome } from "./known.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A way to the host of a script. */
export interface Channel {
  readonly readable: ReadableStream<Bytes>;
  readonly writable: WritableStream<Bytes>;
}

/** What is under way. */
interface Asked {
  readonly attempt: Attempt;
  readonly id: number;
  settle(): void;
}

/** What the host sends. */
interface Message {
  readonly id?: number;
  readonly value?: unknown;
  readonly error?: { readonly name: string; readonly kind?: string; readonly message: string };
  readonly notice?: { readonly type: string; readonly processId: number };
  readonly beat?: string;
}

const encoder = new TextEncoder();

/** A client of the protocol that is no one's friend. */
export class Client {
  /** What was not as it had to be. */
  readonly complaints: string[] = [];
  /** Whether it asked for a launched program to be let go: that may run on. */
  mayRemain = false;
  /** Resolves when the host says no more. */
  readonly over: Promise<void>;
  readonly #known: Known;
  readonly #writer: WritableStreamDefaultWriter<Bytes>;
  readonly #asked: Asked[] = [];
  readonly #judged: (readonly [Attempt, Outcome])[] = [];
  #last = 0;
  #notices = 0;
  #isOver = false;
  #reading: Promise<void> = Promise.resolve();

  constructor({ readable, writable }: Channel, known: Known) {
    this.#known = known;
    this.#writer = writable.getWriter();
    this.#writer.closed.catch(() => {});
    this.over = this.#readAll(readable).catch(() => {}).finally(() => this.#end());
    this.send({ hello: "latch", version: 4 });
  }

  /** What was asked and told so far. */
  get log(): string[] {
    return this.#judged.map(([attempt, outcome]) => textOf(attempt, outcome));
  }

  /** Whether the host has hung up. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Bytes, as they are; in two pieces if told so. */
  write(text: string, isCut = false): void {
    const bytes = encoder.encode(text);
    const half = isCut ? bytes.length >> 1 : bytes.length;
    for (const part of [bytes.slice(0, half), bytes.slice(half)]) {
      if (part.length > 0 && !this.#isOver) this.#writer.write(part).catch(() => {});
    }
  }

  /** A frame of any message. */
  send(message: unknown, isCut = false): void {
    this.write(`\0${JSON.stringify(message, asJson)}\n`, isCut);
  }

  /** Asks, and has the answer judged; resolves when that is done, or there will be none. */
  ask(attempt: Attempt, isCut = false): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    const { promise, resolve: settle } = Promise.withResolvers<void>();
    const id = ++this.#last;
    const isLaunched = this.#known.programs.get(attempt.focus ?? 0)?.isLaunched === true;
    this.mayRemain ||= isLaunched && ["detach", "abandon"].includes(attempt.name);
    this.#asked.push({ attempt, id, settle });
    this.send({ id, call: attempt.name, values: attempt.values }, isCut);
    return promise;
  }

  /** Reads nothing until a promise resolves. */
  pauseReading(until: Promise<void>): void {
    this.#reading = until;
  }

  /** Hangs up. */
  async close(): Promise<void> {
    await this.#writer.close().catch(() => {});
  }

  async #readAll(readable: ReadableStream<Bytes>): Promise<void> {
    let rest = "";
    for await (const part of readable.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + part).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#take(JSON.parse(line.slice(1), fromJson));
      await this.#reading;
    }
  }

  #take({ id, value, error, notice, beat }: Message): void {
    if (beat === "ask") this.send({ beat: "answer" });
    if (notice) this.#takeNotice(notice);
    if (id === undefined) return;
    const asked = this.#asked.shift();
    if (asked?.id !== id) {
      return void this.complaints.push(`the answer of call ${id}, where that of ${asked?.id} is due`);
    }
    this.#judge(asked.attempt, error ? { error } : { value });
    asked.settle();
  }

  #judge(attempt: Attempt, outcome: Outcome): void {
    const complaint = this.#known.judge(attempt, outcome);
    this.#judged.push([attempt, outcome]);
    if (complaint !== undefined) this.complaints.push(`${textOf(attempt, outcome)}: ${complaint}`);
  }

  /** What a program prints is told to those who have it. */
  #takeNotice({ processId, type }: NonNullable<Message["notice"]>): void {
    this.send({ noted: ++this.#notices });
    const { programs, isUnsure, isAwaiting } = this.#known;
    // One that comes up while the engine is closed is told of by nothing else.
    if (!isUnsure && !isAwaiting && !programs.has(processId)) {
      this.complaints.push(`it tells of ${type} of process ${processId}`);
    }
  }

  #end(): void {
    this.#isOver = true;
    for (const { settle } of this.#asked.splice(0)) settle();
  }
}

/** What JSON lacks, as Latch's protocol writes it. */
function asJson(this: unknown, _key: string, value: unknown): unknown {
  if (typeof value === "bigint") return { $bigint: `${value}` };
  if (value instanceof Uint8Array) return { $bytes: value.toBase64() };
  if (typeof value === "number" && !Number.isFinite(value)) return { $number: `${value}` };
  return value;
}

function fromJson(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const { $bigint, $bytes, $undefined } = value as Record<string, unknown>;
  if (typeof $bigint === "string") return BigInt($bigint);
  if (typeof $bytes === "string") return Uint8Array.fromBase64($bytes);
  return $undefined === true ? undefined : value;
}

/** A call and its answer, on one line. */
function textOf({ name, values }: Attempt, outcome: Outcome): string {
  return `${shown([name, ...values])} -> ${shown(Object.values(outcome)[0])}`;
}

/** A value on one line, not all of it where it is long. */
function shown(value: unknown): string {
  const text = JSON.stringify(value, (_, item) => typeof item === "bigint" ? `${item}n` : item) ?? "undefined";
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
