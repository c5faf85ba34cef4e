/** Changes a dump as others than the engine write them. */
import assert from "node:assert/strict";

/** Where a dump has its streams, by their numbers in MINIDUMP_STREAM_TYPE. */
export function streamsOf(view: DataView): Map<number, number> {
  const directory = view.getUint32(12, true);
  const all = Array.from({ length: view.getUint32(8, true) }, (_, index) => directory + 12 * index);
  return new Map(all.map((entry) => [view.getUint32(entry, true), view.getUint32(entry + 8, true)]));
}

const THREADS = 3;
/** The stream of the exception. */
export const EXCEPTION = 6;

/** A dump of one thread, an x64 one, in which that stands somewhere else than at the exception. */
export function standElsewhere(data: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const view = new DataView(data.buffer);
  const streams = streamsOf(view);
  const thread = (streams.get(THREADS) ?? 0) + 4; // the only one
  const [size, offset] = [view.getUint32(thread + 40, true), view.getUint32(thread + 44, true)];
  assert.equal(view.getUint32(thread, true), view.getUint32(streams.get(EXCEPTION) ?? 0, true));
  const both = new Uint8Array(data.length + size); // another context for the thread, behind all else
  both.set(data);
  both.set(data.subarray(offset, offset + size), data.length);
  const added = new DataView(both.buffer);
  added.setUint32(thread + 44, data.length, true);
  added.setBigUint64(data.length + 0xf8, 0x1000n, true); // Rip
  return both;
}
