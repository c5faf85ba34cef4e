/** What a launched program reads from its standard input: from what callers give to the end that an engine writes to. */

/** The writing end of a program's standard input. */
export interface InputSink {
  /** Resolves when there is room for more: to false where nobody will read it. Called one at a time, with at most {@linkcode INPUT_PIECE} bytes. */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<boolean>;
  /** The end of input. A piece that has not been taken yet is given up. */
  close(): void;
}

/** So many bytes are under way at a time. */
export const INPUT_PIECE = 64 << 10;

/** What `input` may be. */
export type InputSource = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>;

/** An input as a stream. @throws {TypeError} for what is none, or is being read already. */
export function inputStream(action: string, input: unknown): ReadableStream<Uint8Array<ArrayBuffer>> {
  if (typeof input === "string") return ReadableStream.from([new TextEncoder().encode(input)]);
  if (input instanceof Uint8Array) return ReadableStream.from([input as Uint8Array<ArrayBuffer>]);
  if (!(input instanceof ReadableStream)) {
    throw new TypeError(`${action}: input is none; it is a text, bytes or a stream of bytes`);
  }
  if (input.locked) {
    throw new TypeError(`${action}: input is a stream that somebody reads already; give one of its own`);
  }
  return input;
}

/** Streams that launches were given: each is one launch's, also before its program reads, and when it has failed. */
const given = new WeakSet<ReadableStream>();

/**
 * Cancels the stream that a launch was given when the launch fails, unless somebody reads it: its program, or another caller.
 * @throws {TypeError} for a stream that another launch was given.
 */
export async function orCancelled<T>(options: unknown, launch: () => Promise<T>): Promise<T> {
  const input = (options as { readonly input?: unknown } | null)?.input;
  if (!(input instanceof ReadableStream) || input.locked) return await launch();
  if (given.has(input)) {
    throw new TypeError("Cannot launch: input is a stream that another launch was given; give each one of its own");
  }
  given.add(input);
  try {
    return await launch();
  } catch (error) {
    if (!input.locked) input.cancel(error).catch(() => {}); // the source is its giver's
    throw error;
  }
}

/** The error that tells of an input that ended before its end. */
export function inputError(cause: unknown): Error {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Error(`Cannot read the program's input to its end: ${why}; the program got what came before`, { cause });
}

/** A program that is fed. */
export class Feeding {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  readonly #sink: InputSink;
  readonly #onError: (error: unknown) => void;
  #isOver = false;

  /** Begins; `onError` is told why the input ended before its end. */
  constructor(source: ReadableStream<Uint8Array<ArrayBuffer>>, sink: InputSink, onError: (error: unknown) => void) {
    this.#reader = source.getReader();
    this.#sink = sink;
    this.#onError = onError;
    void this.#feed();
  }

  /** The program has gone: nothing more is read. */
  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#sink.close();
    this.#reader.cancel().catch(() => {}); // the source is its giver's
  }

  async #feed(): Promise<void> {
    try {
      for (let part = await this.#reader.read(); !part.done; part = await this.#reader.read()) {
        if (!(part.value instanceof Uint8Array)) throw new TypeError("it gave what is no bytes");
        if (!await this.#write(part.value)) break;
      }
    } catch (error) {
      if (!this.#isOver) this.#onError(error);
    }
    this.stop();
  }

  async #write(bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
    for (let at = 0; at < bytes.length; at += INPUT_PIECE) {
      if (this.#isOver || !await this.#sink.write(bytes.subarray(at, at + INPUT_PIECE))) return false;
    }
    return !this.#isOver;
  }
}
