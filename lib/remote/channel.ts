/** A stream of bytes in each direction: a program's standard streams, a socket, a pair in memory. */
export interface ByteChannel {
  /** What the other side sends. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** What goes to the other side. */
  readonly writable: WritableStream<Uint8Array<ArrayBuffer>>;
}
