/**
 * Frames in a stream that carries other text too: a zero byte, JSON on one line, a line feed. What stands outside is what the
 * other side prints: a script's own output, a banner of ssh.
 * @module
 */

/** No message is longer, in bytes: longer contents go in pieces. */
export const MAX_FRAME = 16 << 20;

const START = 0;
const END = 10;

/** A message as bytes. */
export function frame(json: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`\0${json}\n`);
}

/** A piece of a stream: one message's JSON, or bytes that belong to none. */
export type Piece = { readonly json: string } | { readonly text: Uint8Array<ArrayBuffer> };

/** Cuts a stream into pieces. */
export class FrameReader {
  #parts: Uint8Array<ArrayBuffer>[] = [];
  #length = 0;
  #isInside = false;

  /** Takes the next bytes; gives what is complete. @throws {TypeError} for a frame that is too long, or no UTF-8. */
  *read(bytes: Uint8Array<ArrayBuffer>): Generator<Piece, void, void> {
    let rest = bytes;
    while (rest.length > 0) {
      const at = rest.indexOf(this.#isInside ? END : START);
      const head = at < 0 ? rest : rest.subarray(0, at);
      rest = at < 0 ? rest.subarray(rest.length) : rest.subarray(at + 1);
      if (!this.#isInside) {
        if (head.length > 0) yield { text: head };
        this.#isInside = at >= 0;
        continue;
      }
      this.#keep(head);
      if (at < 0) continue;
      this.#isInside = false;
      yield { json: this.#take() };
    }
  }

  #keep(bytes: Uint8Array<ArrayBuffer>): void {
    this.#length += bytes.length;
    if (this.#length > MAX_FRAME) throw new TypeError("a message is too long");
    this.#parts.push(bytes.slice());
  }

  #take(): string {
    const all = new Uint8Array(this.#length);
    let offset = 0;
    for (const part of this.#parts) {
      all.set(part, offset);
      offset += part.length;
    }
    this.#parts = [];
    this.#length = 0;
    return new TextDecoder("utf-8", { fatal: true }).decode(all);
  }
}
