/** Inputs for `reader.exe`, and what it has to say of them. */

/** So many bytes, each value among them, without a pattern of the length of a buffer. */
export function someBytes(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let state = 1;
  for (let at = 0; at < length; at++) {
    state = Math.imul(state, 1664525) + 1013904223 | 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

/** What the reader says of bytes. */
export function word(bytes: Uint8Array): string {
  let hash = 2166136261;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 16777619);
  return `${bytes.length} bytes, hash ${hash >>> 0}, read\n`;
}
