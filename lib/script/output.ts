import { OutputCleaner } from "./visible.ts";

/** Takes what a script prints. */
export type OutputSink = (text: string) => void | Promise<void>;

/** What a script prints on its way out: cleaned, and held back while somebody is asked something. */
export class Output {
  #held: PromiseWithResolvers<void> | undefined;

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
    return new OutputStream(sink, () => this.#held?.promise);
  }
}

/** One stream of a script's output. */
export class OutputStream {
  readonly #cleaner = new OutputCleaner();
  readonly #sink: OutputSink;
  readonly #held: () => Promise<void> | undefined;

  /** Not for others: {@linkcode Output} makes it. */
  constructor(sink: OutputSink, held: () => Promise<void> | undefined) {
    this.#sink = sink;
    this.#held = held;
  }

  /** Lets the next piece out. */
  async write(bytes: Uint8Array): Promise<void> {
    await this.#pass(this.#cleaner.clean(bytes));
  }

  /** Lets out what an unfinished sequence kept back. */
  async end(): Promise<void> {
    await this.#pass(this.#cleaner.end());
  }

  async #pass(text: string): Promise<void> {
    if (text === "") return;
    await this.#held();
    await this.#sink(text);
  }
}
