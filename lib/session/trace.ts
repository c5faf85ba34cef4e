/** One line of a session's log: a call of an engine or a port, or an event. */
export interface TraceEntry {
  /** Milliseconds since the session was made. */
  readonly time: number;
  /** Whether the session called, or was told. */
  readonly kind: "call" | "event";
  /** Name of the method or of the event. */
  readonly name: string;
  /** The program that it was about. */
  readonly programId?: string;
  /** What else is to know: a code, an error's text. */
  readonly detail?: string;
}

/** How many entries are kept; with more, the oldest go. */
const CAPACITY = 1_000;

/** The log of a session. It costs little, and is there when something went wrong. */
export class Trace {
  readonly #start = performance.now();
  #entries: TraceEntry[] = [];

  /** The entries, oldest first. */
  get entries(): readonly TraceEntry[] {
    return this.#entries.slice(-CAPACITY);
  }

  /** Adds an entry. */
  add(kind: TraceEntry["kind"], name: string, programId?: string, detail?: string): void {
    if (this.#entries.length >= 2 * CAPACITY) this.#entries = this.#entries.slice(-CAPACITY);
    this.#entries.push({
      time: performance.now() - this.#start,
      kind,
      name,
      ...(programId === undefined ? {} : { programId }),
      ...(detail === undefined ? {} : { detail }),
    });
  }
}
