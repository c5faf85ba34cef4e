import { Worker } from "node:worker_threads";
import { WATCHDOG_SOURCE } from "./generated/worker_source.ts";
import { Lifeline, type SharedWords } from "./thread/lifeline.ts";
import { cut } from "./thread/sockets.ts";
import type { WatchdogMessage } from "./thread/watchdog.ts";

/** How long the engine may take, in milliseconds, to come back once the connection to its process server was cut. */
const COMES_BACK = 5_000;
/** The same, until whoever waits for a connection is told that it does not come; the engine itself may take as long as Windows for that. */
const COMES_BACK_UNANSWERED = 500;
const CONNECTS = 30_000;

/** Watches the engine's thread while it is connected to process servers: see `thread/watchdog.ts`. Keeps no script alive. */
export class Watchdog {
  readonly #words: SharedWords;
  readonly #lifeline: Lifeline;
  readonly #onStuck: () => void;
  readonly #onUnanswered: () => void;
  #worker: Worker | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * `onStuck` is called if the engine's thread does not even get on once a process server was found gone; `onUnanswered`, if a connection
   * to one does not end in its time.
   */
  constructor(words: SharedWords, onStuck: () => void = () => {}, onUnanswered: () => void = () => {}) {
    this.#words = words;
    this.#onUnanswered = onUnanswered;
    this.#lifeline = new Lifeline(words);
    this.#onStuck = onStuck;
  }

  /** Begins to watch, unless it does. */
  start(): void {
    if (this.#worker) return;
    // Of Node's kind, since only those can be kept from holding the script; and from a data URL, which needs no permission.
    const url = new URL(`data:text/javascript,${encodeURIComponent(WATCHDOG_SOURCE)}`);
    this.#worker = new Worker(url, { workerData: { words: this.#words } });
    this.#worker.on("message", (message: WatchdogMessage) => this.#take(message));
    this.#worker.unref();
  }

  /** Cuts the connections to all process servers, whether they answer or not. */
  cutAll(): void {
    for (const socket of this.#lifeline.sockets) cut(socket);
  }

  #take(message: WatchdogMessage): void {
    if (message === "gone") this.#unlessBack(COMES_BACK, this.#onStuck);
    else if (this.#timer === undefined) {
      this.#unlessBack(COMES_BACK_UNANSWERED, () => {
        this.#onUnanswered();
        this.#unlessBack(CONNECTS, this.#onStuck);
      });
    }
  }

  #unlessBack(milliseconds: number, action: () => void): void {
    const { pulse } = this.#lifeline;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (pulse !== undefined && pulse === this.#lifeline.pulse) action();
    }, milliseconds);
    Deno.unrefTimer(this.#timer);
  }

  /** Ends. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}
