/**
 * Standard inputs of launched programs across a stream, beside the calls: a piece, its receipt, the next piece. So neither side holds more than
 * one piece of each, and a program that does not read stops only who writes to it.
 * @module
 */
import type { EngineConnection, EngineInput, EngineLaunch } from "../dbgeng/engine_api.ts";
import { AttachError } from "../session/errors.ts";
import { INPUT_PIECE } from "../session/input.ts";
import type { ClientMessage, HostMessage, InputPart } from "./messages.ts";

/** So many inputs may a client have at a time. */
const MAX_INPUTS = 256;

/** No message with a piece is longer, in bytes of its JSON. */
export const MAX_PART = 2 * INPUT_PIECE;

const PART = new TextEncoder().encode('{"input":');

/** Whether JSON is a message with a piece of an input: these do not wait for calls. */
export function isPart(json: Uint8Array): boolean {
  return PART.every((byte, at) => json[at] === byte);
}

/** The inputs that a client has at its host. */
export class ClientInputs {
  readonly #send: (message: ClientMessage) => void;
  /** Who waits for a receipt. */
  readonly #waiting = new Map<number, (isRead: boolean) => void>();
  #last = 0;
  #isLost = false;

  constructor(send: (message: ClientMessage) => void) {
    this.#send = send;
  }

  /** One for a launch. */
  open(): EngineInput {
    const id = ++this.#last;
    return {
      id,
      launched: () => {},
      write: (bytes) => this.#write(id, bytes),
      close: () => {
        this.receive({ input: id, isRead: false });
        this.#send({ input: id, bytes: null });
      },
    };
  }

  async #write(id: number, bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
    if (this.#isLost) return false;
    return await new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#send({ input: id, bytes });
    });
  }

  /** A piece was taken, or nobody reads on. */
  receive({ input, isRead }: Extract<HostMessage, { readonly input: number }>): void {
    this.#waiting.get(input)?.(isRead);
    this.#waiting.delete(input);
  }

  /** The host has gone. */
  lose(): void {
    this.#isLost = true;
    for (const resolve of this.#waiting.values()) resolve(false);
    this.#waiting.clear();
  }
}

/** The inputs of a client, at its host. */
export class HostInputs {
  readonly #connection: EngineConnection;
  readonly #send: (message: HostMessage) => void;
  /** Resolves when the client has taken what was sent. */
  readonly #drained: () => Promise<void>;
  readonly #open = new Map<number, EngineInput>();
  /** Closed from this side: a piece may be under way. */
  readonly #ended = new Set<number>();
  /** What becomes of the last piece of each: it is being written, or its receipt is under way. */
  readonly #busy = new Map<number, "writing" | Promise<void>>();

  constructor(connection: EngineConnection, send: (message: HostMessage) => void, drained: () => Promise<void>) {
    this.#connection = connection;
    this.#send = send;
    this.#drained = drained;
  }

  /** Launches a program that has an input. */
  async launch(given: EngineLaunch): Promise<void> {
    const id = given.input;
    if (!Number.isSafeInteger(id) || id === undefined) throw new TypeError("Cannot launch: its input is no number");
    if (this.#open.has(id)) throw new TypeError("Cannot launch: its input is another program's");
    if (this.#open.size >= MAX_INPUTS) {
      throw new TypeError(`Cannot launch: more than ${MAX_INPUTS} programs have inputs`);
    }
    const input = this.#connection.openInput?.();
    if (!input) throw new AttachError("not-supported", "Cannot launch with an input: this engine takes none");
    this.#open.set(id, input);
    this.#ended.delete(id);
    try {
      await this.#connection.call("launch", { ...given, input: input.id });
    } catch (error) {
      this.#close(id);
      throw error;
    } finally {
      input.launched();
    }
  }

  /** Takes a piece, or the end. @throws {TypeError} for more than was asked for. */
  receive({ input, bytes }: InputPart): void {
    if (bytes === null) return this.#close(input);
    if (!(bytes instanceof Uint8Array) || bytes.length > INPUT_PIECE) throw new TypeError("a piece of input is none");
    const before = this.#busy.get(input);
    if (before === "writing") throw new TypeError("a piece of input came before the last one was taken");
    if (!this.#open.has(input) && !this.#ended.delete(input)) throw new TypeError("a piece of input is of none");
    this.#busy.set(input, "writing");
    void this.#write(input, bytes, before);
  }

  /** Of a client that takes no receipts no further piece is taken. */
  async #write(id: number, bytes: Uint8Array<ArrayBuffer>, before: Promise<void> | undefined): Promise<void> {
    await before;
    const isRead = await this.#open.get(id)?.write(bytes).catch(() => false) ?? false;
    this.#send({ input: id, isRead });
    const drained = this.#drained().then(() => {
      if (this.#busy.get(id) === drained) this.#busy.delete(id);
    });
    this.#busy.set(id, drained);
  }

  #close(id: number): void {
    this.#open.get(id)?.close();
    this.#open.delete(id);
  }

  /** The client has gone. */
  closeAll(): void {
    this.#ended.clear();
    for (const id of [...this.#open.keys()]) {
      this.#close(id);
      this.#ended.add(id);
    }
  }
}
