import { OutputCleaner, piecesOf } from "./visible.ts";

/** Characters that go out at a time: what is under way cannot be held back. */
const PIECE = 4_096;

/** Takes what a script prints. */
export type OutputSink = (text: string) => void | Promise<void>;

/** What a script prints on its way out: cleaned, and held back while somebody is asked something. */
export class Output {
  #held: PromiseWithResolvers<void> | undefined;
  readonly #streams: OutputStream[] = [];

  /** Holds everything back until the function that it gives is called. */
  hold(): () => void {
    this.#held ??= Promise.withResolvers<void>();
    return () => this.release();
  }

  /** Lets out what is held back. */
  release(): void {
    this.#held?.resolve();
    this.#held = undefined;
  }

  /** A way out for one stream; the next piece is taken when the last one is out. */
  stream(sink: OutputSink): OutputStream {
    const stream = new OutputStream(sink, () => this.#held?.promise);
    this.#streams.push(stream);
    return stream;
  }

  /** Resolves when what was on its way out before a hold is out. */
  async settled(): Promise<void> {
    await Promise.all(this.#streams.map((stream) => stream.underWay));
  }
}

/** One stream of a script's output. */
export class OutputStream {
  readonly #cleaner = new OutputCleaner();
  readonly #sink: OutputSink;
  readonly #held: () => Promise<void> | undefined;
  #queue: Promise<void> = Promise.resolve();
  /** What the sink has, until it is out. */
  underWay: Promise<void> = Promise.resolve();

  /** Not for others: {@linkcode Output} makes it. */
  constructor(sink: OutputSink, held: () => Promise<void> | undefined) {
    this.#sink = sink;
    this.#held = held;
  }

  /** Lets the next piece out, once those before are. */
  async write(bytes: Uint8Array): Promise<void> {
    await this.#enqueue(this.#cleaner.clean(bytes));
  }

  /** Lets out what is left, and has the terminal write as it does by itself. */
  async end(): Promise<void> {
    await this.#enqueue(this.#cleaner.end());
  }

  /** Several may write at a time. */
  #enqueue(text: string): Promise<void> {
    const out = this.#queue.then(() => this.#pass(text));
    this.#queue = out.catch(() => {}); // who writes next finds out
    return out;
  }

  async #pass(text: string): Promise<void> {
    for (const piece of piecesOf(text, PIECE)) {
      for (let held = this.#held(); held; held = this.#held()) await held;
      const out = Promise.resolve(this.#sink(piece));
      this.underWay = out.catch(() => {});
      await out;
    }
  }
}
