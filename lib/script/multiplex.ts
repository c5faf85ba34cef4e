/**
 * One pair of standard streams for all that a confined script's process has to say: what it prints, and its sessions' channels,
 * one after another. A frame with the word {@linkcode CLOSE} ends a channel; each side sends one.
 * @module
 */
import type { ByteChannel } from "../remote/channel.ts";
import { frame, type FrameReader } from "../remote/framing.ts";

/** Ends a channel. */
export const CLOSE = "close";

/** So many bytes of a channel wait for whoever reads it; then the sender waits. */
const ROOM = 1 << 20;

type Bytes = Uint8Array<ArrayBuffer>;

/** What an end of the streams can be told to do. */
export interface MultiplexEvents {
  /** Sends bytes to the other side. */
  send(bytes: Bytes): void | Promise<void>;
  /** The other side opens a channel by its first message; without this nobody but us opens any. */
  open?(channel: ByteChannel): void;
  /** The channel that was open is not any more, on either side. */
  closed?(): void;
}

/** One end of the streams. */
export class Multiplex {
  readonly #events: MultiplexEvents;
  #current: Channel | undefined;
  /** Resolves when the last channel is closed on both sides. */
  #idle: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(events: MultiplexEvents) {
    this.#events = events;
  }

  /** Whether a channel is open that was not closed on this side. */
  get isTaken(): boolean {
    return this.#current !== undefined && !this.#current.isClosedHere;
  }

  /** Opens a channel; what is sent on it waits until the last one is closed. */
  open(): ByteChannel {
    const before = this.#idle;
    const channel = new Channel(async (bytes) => {
      await before;
      await this.#events.send(bytes);
    });
    this.#idle = channel.over.then(() => {
      if (this.#current === channel) this.#current = undefined;
      this.#events.closed?.();
    });
    const take = (): void => {
      this.#current = channel;
      if (this.#isOver) channel.end();
    };
    if (this.#current === undefined) take();
    else before.then(take);
    return channel;
  }

  /** Takes a message of the other side's; the promise is what to wait for before the next. */
  async take(json: string): Promise<void> {
    if (json === CLOSE) return this.#current?.closeByOther();
    if (this.#current === undefined && this.#events.open) this.#events.open(this.open());
    await this.#current?.receive(frame(json));
  }

  /** The streams have ended. */
  end(): void {
    this.#isOver = true;
    this.#current?.end();
  }
}

class Channel implements ByteChannel {
  readonly readable: ReadableStream<Bytes>;
  readonly writable: WritableStream<Bytes>;
  /** Resolves when both sides have closed it. */
  readonly over: Promise<void>;
  readonly #input: WritableStreamDefaultWriter<Bytes>;
  readonly #send: (bytes: Bytes) => Promise<void>;
  readonly #resolve: () => void;
  /** Whether this side has closed it. */
  isClosedHere = false;
  #isClosedThere = false;

  constructor(send: (bytes: Bytes) => Promise<void>) {
    this.#send = send;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.over = promise;
    this.#resolve = resolve;
    const input = new TransformStream<Bytes, Bytes>(
      undefined,
      undefined,
      new ByteLengthQueuingStrategy({ highWaterMark: ROOM }),
    );
    this.readable = input.readable;
    this.#input = input.writable.getWriter();
    this.#input.closed.catch(() => {});
    const close = (): Promise<void> => this.#close();
    this.writable = new WritableStream<Bytes>({ write: send, close, abort: close });
  }

  /** Passes a message to whoever reads here; one who does not read any more gets none. */
  async receive(bytes: Bytes): Promise<void> {
    if (this.#isClosedThere) return;
    await this.#input.write(bytes).catch(() => {});
  }

  closeByOther(): void {
    if (this.#isClosedThere) return;
    this.#isClosedThere = true;
    this.#input.close().catch(() => {});
    this.#settle();
  }

  /** Nothing comes any more, and nothing gets through. */
  end(): void {
    this.closeByOther();
    this.isClosedHere = true;
    this.#settle();
  }

  async #close(): Promise<void> {
    if (this.isClosedHere) return;
    this.isClosedHere = true;
    await this.#send(frame(CLOSE));
    this.#settle();
  }

  #settle(): void {
    if (this.isClosedHere && this.#isClosedThere) this.#resolve();
  }
}

/** Cuts what came into messages and other text, one after another. */
export async function takeAll(
  reader: FrameReader,
  bytes: Bytes,
  take: { message(json: string): Promise<void>; text(bytes: Bytes): void | Promise<void> },
): Promise<void> {
  for (const piece of reader.read(bytes)) {
    if ("text" in piece) await take.text(piece.text);
    else await take.message(piece.json);
  }
}
