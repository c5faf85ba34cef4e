/**
 * Frames in a stream that carries other text too: a zero byte, JSON on one line, a line feed. What stands outside is what the
 * other side prints: a script's own output, a banner of ssh.
 * @module
 */

/** No frame is longer, in bytes: longer contents go in pieces. */
export const MAX_FRAME = 16 << 20;

const START = 0;
const END = 10;
const BEGIN = Uint8Array.of(START);
const BEHIND = Uint8Array.of(END);

/** A message as bytes. */
export function frame(json: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`\0${json}\n`);
}

/** The JSON in a frame. */
export function jsonIn(frame: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return frame.subarray(1, -1);
}

/** A piece of a stream: a whole frame, or bytes that belong to none. */
export type Piece = { readonly frame: Uint8Array<ArrayBuffer> } | { readonly text: Uint8Array<ArrayBuffer> };

/** Room for a frame at first; most are shorter. */
const ROOM = 1 << 10;

/** Cuts a stream into pieces. What it holds is a frame's own bytes, in however many parts they come. */
export class FrameReader {
  readonly #buffer = new ArrayBuffer(0, { maxByteLength: MAX_FRAME });
  readonly #bytes = new Uint8Array(this.#buffer);
  #length = 0;
  #isInside = false;

  /** Takes the next bytes; gives what is complete. @throws {TypeError} for a frame that is too long. */
  *read(bytes: Uint8Array<ArrayBuffer>): Generator<Piece, void, void> {
    let rest = bytes;
    while (rest.length > 0) {
      const at = rest.indexOf(this.#isInside ? END : START);
      const head = at < 0 ? rest : rest.subarray(0, at);
      rest = at < 0 ? rest.subarray(rest.length) : rest.subarray(at + 1);
      if (!this.#isInside) {
        if (head.length > 0) yield { text: head };
        this.#isInside = at >= 0;
        if (this.#isInside) this.#keep(BEGIN);
        continue;
      }
      const isWhole = at >= 0 && this.#length === BEGIN.length && head.byteOffset > bytes.byteOffset;
      if (isWhole && isMost(head)) yield { frame: this.#instead(head) };
      else {
        this.#keep(head);
        if (at < 0) continue;
        yield { frame: this.#take() };
      }
      this.#isInside = false;
    }
  }

  #keep(bytes: Uint8Array<ArrayBuffer>): void {
    const length = this.#length + bytes.length;
    if (length > MAX_FRAME) throw new TypeError("a message is too long");
    if (length > this.#bytes.length) {
      this.#buffer.resize(Math.min(MAX_FRAME, Math.max(ROOM, 2 * this.#bytes.length, length)));
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = length;
  }

  #take(): Uint8Array<ArrayBuffer> {
    this.#keep(BEHIND);
    const frame = this.#bytes.slice(0, this.#length);
    if (this.#bytes.length > ROOM) this.#buffer.resize(0);
    this.#length = 0;
    return frame;
  }

  /** A frame out of bytes that have its signs around them: it needs no copy. */
  #instead(json: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    this.#length = 0;
    return new Uint8Array(json.buffer, json.byteOffset - 1, json.length + 2);
  }
}

/** Whether nearly all of the memory is one frame's: otherwise a frame would keep what has nothing to do with it. */
function isMost(json: Uint8Array<ArrayBuffer>): boolean {
  return json.length + 2 <= MAX_FRAME && 2 * json.length > json.buffer.byteLength;
}
