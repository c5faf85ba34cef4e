/** Speaks to the host without Latch: frames as they cross the stream. */

type Json = Record<string, unknown>;

const encoder = new TextEncoder();

/** Bytes to standard output, at once. */
export function print(text: string | Uint8Array): void {
  let rest = typeof text === "string" ? encoder.encode(text) : text;
  while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest));
}

/** A frame of any JSON text. */
export function frame(json: string): void {
  print(`\0${json}\n`);
}

/** A bigint as frames have it. */
export function big(value: bigint | number): Json {
  return { $bigint: `${value}` };
}

interface Channel {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}

/** Takes the channel that Latch would take, greets, and calls whatever it is told to. */
export class RawClient {
  readonly #pending = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #last = 0;

  constructor() {
    const { readable, writable } = Reflect.get(globalThis, Symbol.for("latch.channel")) as Channel;
    this.#writer = writable.getWriter();
    this.#readAll(readable);
    this.send({ hello: "latch", version: 4 });
  }

  send(message: unknown): void {
    this.#writer.write(encoder.encode(`\0${JSON.stringify(message)}\n`));
  }

  /** The answer; an error as `Name: message`. */
  async call(call: string, ...values: readonly unknown[]): Promise<unknown> {
    const id = ++this.#last;
    const pending = Promise.withResolvers<unknown>();
    this.#pending.set(id, pending);
    this.send({ id, call, values });
    return await pending.promise;
  }

  async #readAll(readable: ReadableStream<Uint8Array>): Promise<void> {
    let rest = "";
    for await (const part of readable.pipeThrough(new TextDecoderStream() as never) as ReadableStream<string>) {
      const lines = (rest + part).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#take(JSON.parse(line.slice(1)));
    }
  }

  #take(message: { id?: number; value?: unknown; error?: { name: string; message: string } }): void {
    const pending = this.#pending.get(message.id ?? 0);
    if (!pending) return;
    const { error } = message;
    if (error) pending.reject(Object.assign(new Error(error.message), { name: error.name }));
    else pending.resolve(JSON.stringify(message.value));
  }
}
