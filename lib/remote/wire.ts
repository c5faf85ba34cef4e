import type { ByteChannel } from "./channel.ts";
import { decode, encode } from "../session/codec.ts";
import { frame, FrameReader, jsonIn, MAX_FRAME } from "./framing.ts";
import { type Beat, type Greeting, VERSION } from "./messages.ts";

/** How often the other side is asked whether it is there, in milliseconds. */
const BEAT = 5_000;

/** With so many messages waiting to be taken, signs of life are not answered: they wait for nobody. */
const MOST_BEHIND = 100;

/** Bytes of a message that is long. */
const LONG = 1_024;

/** What a {@linkcode Wire} tells. */
export interface WireEvents {
  /** A message came; the next one is read when it has been taken. */
  message(message: unknown): void;
  /** One came that is long, as the bytes of its JSON: whoever wants these decodes them in time, since values cost far more than text. */
  long?(json: Uint8Array<ArrayBuffer>): void;
  /** The other side printed something. */
  text?(bytes: Uint8Array<ArrayBuffer>): void;
  /** It is over, once: nothing is sent or told any more. */
  lost(reason: string): void;
}

/** Options of a {@linkcode Wire}. */
export interface WireOptions {
  /** How long the other side may be silent, in milliseconds, until it is lost. @default {Infinity} */
  readonly silence?: number | undefined;
  /** Whether the other side need not answer at this moment. */
  readonly excuse?: (() => boolean) | undefined;
}

/** Messages over a stream of bytes: greetings, signs of life, and what both sides have to say. */
export class Wire {
  /** Resolves when the other side has greeted, or is lost. */
  readonly greeted: Promise<void>;
  /** Resolves when all that the other side sent has been read, or nobody reads on. */
  readonly inputEnded: Promise<void>;
  readonly #greet: () => void;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  readonly #events: WireEvents;
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  readonly #silence: number;
  readonly #excuse: (() => boolean) | undefined;
  #lastSign = performance.now();
  #isGreeted = false;
  #isOver = false;
  /** Who waits until the other side has taken what was sent. */
  readonly #waits = new Set<() => void>();

  constructor(channel: ByteChannel, events: WireEvents, { silence = Infinity, excuse }: WireOptions = {}) {
    this.#events = events;
    this.#silence = silence;
    this.#excuse = excuse;
    this.#writer = channel.writable.getWriter();
    this.#reader = channel.readable.getReader();
    ({ promise: this.greeted, resolve: this.#greet } = Promise.withResolvers<void>());
    if (silence !== Infinity) {
      this.#timer = setInterval(() => this.#checkLife(), Math.min(BEAT, silence / 2));
      Deno.unrefTimer(this.#timer as unknown as number);
    }
    this.send({ hello: "latch", version: VERSION } satisfies Greeting);
    this.inputEnded = this.#readAll();
  }

  /** Whether the other side has greeted, and is one to talk to. */
  get isGreeted(): boolean {
    return this.#isGreeted;
  }

  /** When the other side sent something last, by `performance.now()`. */
  get lastSign(): number {
    return this.#lastSign;
  }

  /** Asks the other side for a sign of life. */
  ask(): void {
    if (this.#isGreeted) this.send({ beat: "ask" } satisfies Beat);
  }

  /** Resolves when the other side has taken what was sent, or is lost. */
  drained(): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = (): void => {
        this.#waits.delete(stop);
        resolve();
      };
      this.#waits.add(stop);
      this.#writer.ready.then(stop, stop);
    });
  }

  /** Sends a message; gives its bytes. @throws {TypeError} for what cannot be sent. */
  send(message: unknown): number {
    if (this.#isOver) return 0;
    const bytes = frame(encode(message));
    if (bytes.length > MAX_FRAME) throw new TypeError("the message is too long: ask for less at a time");
    this.#writer.write(bytes).catch((error: unknown) => this.end(`writing failed: ${textOf(error)}`));
    return bytes.length;
  }

  /** Ends it from this side: the other one sees the end of the stream. */
  end(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const stop of this.#waits) stop();
    clearInterval(this.#timer);
    this.#events.lost(reason);
    this.#greet();
    this.#writer.close().catch(() => {}); // it is closed already where the other side has gone
    this.#reader.cancel().catch(() => {});
  }

  async #readAll(): Promise<void> {
    const frames = new FrameReader();
    try {
      for (let part = await this.#reader.read(); !part.done; part = await this.#reader.read()) {
        this.#lastSign = performance.now();
        for (const piece of frames.read(part.value)) {
          if ("text" in piece) this.#events.text?.(piece.text);
          else this.#takeFrame(jsonIn(piece.frame));
        }
      }
      this.end("it closed the connection");
    } catch (error) {
      this.end(`it sent what is no message of Latch's: ${textOf(error)}`);
    }
  }

  #takeFrame(json: Uint8Array<ArrayBuffer>): void {
    if (json.length <= LONG || (this.#isGreeted && !this.#events.long)) this.#take(decode(textOfJson(json)));
    else if (!this.#isGreeted) throw new TypeError("it did not greet");
    else if (!this.#isOver) this.#events.long?.(json);
  }

  #take(message: unknown): void {
    if (this.#isOver) return;
    if (!this.#isGreeted) return this.#takeGreeting(message);
    const { beat } = message as Partial<Beat>;
    if (beat === "ask" && !this.#isBehind) this.send({ beat: "answer" } satisfies Beat);
    else if (beat === undefined) this.#events.message(message);
  }

  #takeGreeting(message: unknown): void {
    const { hello, version } = (message ?? {}) as Partial<Greeting>;
    if (hello !== "latch") throw new TypeError("it did not greet");
    if (version !== VERSION) {
      return this.end(
        `it speaks version ${version} of the protocol, this side ${VERSION}: use one release of Latch on both`,
      );
    }
    this.#isGreeted = true;
    this.#greet();
  }

  /** Whether the other side leaves much of what was sent to it. */
  get #isBehind(): boolean {
    return (this.#writer.desiredSize ?? 0) < -MOST_BEHIND;
  }

  #checkLife(): void {
    if (this.#excuse?.()) this.#lastSign = performance.now();
    if (performance.now() - this.#lastSign > this.#silence) return this.end(`it was silent for ${this.#silence} ms`);
    this.ask();
  }
}

/** JSON's text. @throws {TypeError} where it is no UTF-8. */
export function textOfJson(json: Uint8Array<ArrayBuffer>): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(json);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
