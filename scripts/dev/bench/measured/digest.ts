/** What was read, in one number, which native clients compute in the same way. */

/** The exception of `notes.exe`. */
export const NOTES = 0xe0004e54;

/** Bytes of a page. */
export const PAGE = 4096n;

/** Of reads of 8 bytes each, in their order. */
export function digestOf(reads: readonly Uint8Array[]): number {
  let digest = 0;
  for (const { buffer, byteOffset } of reads) {
    const view = new DataView(buffer, byteOffset, 8);
    digest = Math.imul(digest, 31) + view.getUint32(0, true) | 0;
    digest = Math.imul(digest, 31) + view.getUint32(4, true) | 0;
  }
  return digest >>> 0;
}
