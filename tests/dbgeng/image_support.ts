/** Small programs and DLLs as files: headers, one section, and in it what they import and export. */

/** What is in one. */
export interface ImageParts {
  /** @default {0x8664} */
  readonly machine?: number;
  readonly imports?: Readonly<Record<string, readonly (string | number)[]>>;
  /** Exported with the numbers 1, 2, …. */
  readonly exports?: readonly string[];
}

const HEADER = 0x40;
const OPTIONAL = HEADER + 24;
const SECTION = OPTIONAL + 240;
const BASE = 0x1000;
const START = 0x400;

/** The file of a 64-bit image. */
export function imageOf({ machine = 0x8664, imports = {}, exports = [] }: ImageParts): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(0x4000);
  const view = new DataView(bytes.buffer);
  let next = BASE + 0x400; // texts and tables follow the two directories
  const place = (address: number): number => address - BASE + START;
  const put = (size: number): number => (next += size + (-size & 7)) - size - (-size & 7);
  const text = (value: string, before = 0): number => {
    const at = put(value.length + 1 + before);
    bytes.set(new TextEncoder().encode(value), place(at) + before);
    return at;
  };
  const word = (address: number, value: number): void => view.setUint32(place(address), value, true);

  view.setUint16(0, 0x5a4d, true);
  view.setUint32(0x3c, HEADER, true);
  view.setUint32(HEADER, 0x4550, true);
  for (const [at, value] of [[4, machine], [6, 1], [20, 240], [24, 0x20b]]) {
    view.setUint16(HEADER + Number(at), Number(value), true);
  }
  view.setUint32(OPTIONAL + 108, 16, true);
  for (const [at, value] of [[12, BASE], [16, bytes.length - START], [20, START]]) {
    view.setUint32(SECTION + Number(at), Number(value), true);
  }

  view.setUint32(OPTIONAL + 120, BASE + 0x100, true);
  Object.entries(imports).forEach(([dll, symbols], index) => {
    const table = put(8 * (symbols.length + 1));
    symbols.forEach((symbol, at) => {
      word(table + 8 * at, typeof symbol === "number" ? symbol : text(symbol, 2));
      if (typeof symbol === "number") word(table + 8 * at + 4, 0x80000000);
    });
    const descriptor = BASE + 0x100 + 20 * index;
    for (const [at, value] of [[0, table], [12, text(dll)], [16, table]]) word(descriptor + Number(at), Number(value));
  });

  view.setUint32(OPTIONAL + 112, BASE, true);
  const functions = put(4 * exports.length);
  const names = put(4 * exports.length);
  exports.forEach((name, at) => {
    word(functions + 4 * at, BASE + 0x10);
    word(names + 4 * at, text(name));
  });
  for (const [at, value] of [[16, 1], [20, exports.length], [24, exports.length], [28, functions], [32, names]]) {
    word(BASE + Number(at), Number(value));
  }
  return bytes;
}
