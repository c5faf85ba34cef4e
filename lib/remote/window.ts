/** So many calls are under way at a time, and so many bytes unless one alone has more. */
const CALLS = 64;
const BYTES = 16 << 20;

/** Lets calls go in their order, so that the host need not keep more than it takes. */
export class Window {
  readonly #waiting: { readonly bytes: number; go(): void }[] = [];
  #calls = 0;
  #bytes = 0;
  #isOpen = false;

  /** Resolves when a call may go. */
  async enter(bytes: number): Promise<void> {
    const { promise, resolve: go } = Promise.withResolvers<void>();
    this.#waiting.push({ bytes, go });
    this.#next();
    await promise;
  }

  /** A call is over. */
  leave(bytes: number): void {
    this.#calls--;
    this.#bytes -= bytes;
    this.#next();
  }

  /** Nothing waits any more. */
  open(): void {
    this.#isOpen = true;
    this.#next();
  }

  #next(): void {
    for (let [first] = this.#waiting; first && this.#hasRoom(first.bytes); [first] = this.#waiting) {
      this.#waiting.shift();
      this.#calls++;
      this.#bytes += first.bytes;
      first.go();
    }
  }

  #hasRoom(bytes: number): boolean {
    return this.#isOpen || this.#calls === 0 || (this.#calls < CALLS && this.#bytes + bytes <= BYTES);
  }
}

/** How many bytes values take on their way, at most. */
export function weightOf(value: unknown): number {
  if (typeof value === "string") return 6 * value.length;
  if (value instanceof Uint8Array) return Math.ceil(value.length / 3) * 4;
  if (typeof value !== "object" || value === null) return 40;
  return Object.entries(value).reduce((sum, [key, item]) => sum + 6 * key.length + weightOf(item), 40);
}
