/** Bytes of each of a GUID's groups are little-endian in the first three groups only. */
const ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

/** A GUID's 16 bytes as Windows lays them out, from `27fe5639-8407-4f47-8364-ee118fb08ac8`. */
export function guidBytes(text: string): Uint8Array<ArrayBuffer> {
  const hex = text.replaceAll("-", "");
  if (!/^[0-9a-f]{32}$/i.test(hex)) throw new TypeError(`Cannot read a GUID: "${text}" is not one`);
  return Uint8Array.from(ORDER, (at) => parseInt(hex.slice(2 * at, 2 * at + 2), 16));
}

/** The text form, in lower case, of 16 bytes. */
export function guidText(bytes: Uint8Array): string {
  const hex = ORDER.map((at) => (bytes[at] ?? 0).toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
