import { AttachError, EngineError } from "../session/errors.ts";
import { permissionError } from "./permission.ts";
import { within } from "./time.ts";

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly data?: string };
}

/** How long a socket may take to close. */
const CLOSE_MILLISECONDS = 2000;

/** One connection to an inspector: calls go out, answers and events come in. */
export class InspectorClient {
  /** Called with each event, in their order. */
  onEvent: (method: string, params: unknown) => void = () => {};
  /** Resolves when the connection is gone, whoever closed it. */
  readonly closed: Promise<void>;
  /** The address of the target. */
  readonly url: string;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  private constructor(url: string, socket: WebSocket) {
    this.url = url;
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.addEventListener("close", () => {
        this.#refuseAll();
        resolve();
      });
    });
    socket.addEventListener("message", (event) => this.#receive(JSON.parse(String(event.data))));
  }

  /**
   * Connects to a target.
   * @throws {AttachError} `server-unreachable` when nobody answers there.
   */
  static async open(url: string, signal?: AbortSignal): Promise<InspectorClient> {
    signal?.throwIfAborted();
    let socket: WebSocket;
    try {
      socket = new WebSocket(url);
    } catch (error) {
      throw permissionError(error, `Cannot connect to ${url}`, "--allow-net") ?? error;
    }
    const client = new InspectorClient(url, socket);
    try {
      await opened(socket, url, signal);
    } catch (error) {
      await client.close();
      throw error;
    }
    return client;
  }

  /** Calls a method of the protocol; a time limit in milliseconds makes it fail instead of waiting for a busy program. */
  async call<T>(method: string, params?: object, milliseconds?: number): Promise<T> {
    const id = ++this.#lastId;
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    let timer: ReturnType<typeof setTimeout> | undefined;
    if (milliseconds !== undefined) {
      timer = setTimeout(
        () => this.#refuse(id, `it is busy and did not answer ${method}; ask again later`),
        milliseconds,
      );
    }
    try {
      this.#send(id, method, params ?? {});
      return await answer as T;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Calls a method whose answer, and failure, does not matter. */
  send(method: string, params: object = {}): void {
    this.call(method, params).catch(() => {});
  }

  /** Closes the connection and waits until it is. */
  async close(): Promise<void> {
    this.closeNow();
    await within(this.closed, CLOSE_MILLISECONDS);
  }

  /** Begins to close the connection. */
  closeNow(): void {
    if (this.#socket.readyState < WebSocket.CLOSING) this.#socket.close();
  }

  #send(id: number, method: string, params: object): void {
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify({ id, method, params }));
    } else {
      this.#refuse(id, "its inspector is gone", "lost");
    }
  }

  #receive(message: Message): void {
    if (message.id === undefined) {
      if (message.method !== undefined) this.onEvent(message.method, message.params ?? {});
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (!message.error) return waiting?.resolve(message.result);
    waiting?.reject(
      new EngineError("failed", `Cannot ask the program: ${message.error.data ?? message.error.message}`),
    );
  }

  #refuse(id: number, text: string, kind: "failed" | "lost" = "failed"): void {
    this.#waiting.get(id)?.reject(new EngineError(kind, `Cannot ask the program: ${text}`));
    this.#waiting.delete(id);
  }

  #refuseAll(): void {
    for (const id of [...this.#waiting.keys()]) this.#refuse(id, "its inspector is gone", "lost");
  }
}

async function opened(socket: WebSocket, url: string, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = (): void => reject(signal?.reason);
  signal?.addEventListener("abort", abort);
  socket.addEventListener("open", () => resolve());
  socket.addEventListener("error", (event) => {
    const reason = event instanceof ErrorEvent && event.message
      ? event.message.replace(/^\w+: /, "")
      : "the connection failed";
    reject(unreachable(url, reason));
  });
  socket.addEventListener("close", () => reject(unreachable(url, "the connection was closed")));
  try {
    await promise;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

/** The error for an address at which no inspector answers. */
export function unreachable(address: string, reason: string): AttachError {
  const line = reason.replace(/\s+/g, " ").trim();
  return new AttachError(
    "server-unreachable",
    `Cannot connect to ${address}: ${line}; start the program with --inspect`,
  );
}
