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

/** The log of a session: a ring, so that it costs next to nothing with very many events, and is there when something went wrong. */
export class Trace {
  readonly #start = performance.now();
  readonly #times = new Float64Array(CAPACITY);
  readonly #rest: (Omit<TraceEntry, "time"> | undefined)[] = Array(CAPACITY).fill(undefined);
  /** The last event's entry without its time: events come in rows of the same kind. */
  #same: Omit<TraceEntry, "time"> | undefined;
  #count = 0;

  /** The entries, oldest first. */
  get entries(): readonly TraceEntry[] {
    const first = Math.max(0, this.#count - CAPACITY);
    return Array.from({ length: this.#count - first }, (_, index) => {
      const slot = (first + index) % CAPACITY;
      return { time: this.#times[slot] ?? 0, ...this.#rest[slot] as Omit<TraceEntry, "time"> };
    });
  }

  /** Adds an entry. */
  add(kind: TraceEntry["kind"], name: string, programId?: string, detail?: string): void {
    const slot = this.#count++ % CAPACITY;
    this.#times[slot] = performance.now() - this.#start;
    const same = this.#same;
    if (same && same.name === name && same.kind === kind && same.programId === programId && same.detail === detail) {
      this.#rest[slot] = same;
      return;
    }
    this.#rest[slot] = this.#same = {
      kind,
      name,
      ...(programId === undefined ? {} : { programId }),
      ...(detail === undefined ? {} : { detail }),
    };
  }
}
