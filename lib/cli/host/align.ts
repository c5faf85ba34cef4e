/** Size of a page of memory. */
const PAGE = 0x1000;

/** Places in a program's headers, from the optional header on. */
const FILE_ALIGNMENT = 36;
const HEADERS_SIZE = 60;
const CHECKSUM = 64;
const DIRECTORIES = 112;
const CERTIFICATES = 4;
const DEBUG = 6;
const DEBUG_ENTRY = 28;

/** Part of a program's file. */
interface Section {
  /** Place of its header. */
  readonly header: number;
  /** Its place in memory. */
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  /** Where it comes to lie. */
  readonly moved: number;
}

/**
 * Lays the file of a 64-bit Windows program out in whole pages. Wine maps such a file as it is, and all processes share it; else it
 * reads the file into each one's memory, which for Deno is 94 MB and half the time of its start. What it says stays the same, but for
 * the signature, which no Wine looks at.
 */
export function alignToPages(file: Uint8Array): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset);
  const header = view.getUint32(0x3c, true);
  const optional = header + 24;
  const sections = readSections(view, header);
  const last = sections.at(-1);
  const aligned = new Uint8Array(last ? last.moved + pages(last.size) : 0);
  aligned.set(file.subarray(0, view.getUint32(optional + HEADERS_SIZE, true)));
  for (const { offset, size, moved } of sections) aligned.set(file.subarray(offset, offset + size), moved);

  const words = new DataView(aligned.buffer);
  words.setUint32(optional + FILE_ALIGNMENT, PAGE, true);
  words.setUint32(optional + HEADERS_SIZE, pages(words.getUint32(optional + HEADERS_SIZE, true)), true);
  words.setUint32(optional + CHECKSUM, 0, true);
  words.setBigUint64(optional + DIRECTORIES + 8 * CERTIFICATES, 0n, true);
  for (const { header, size, moved } of sections) {
    words.setUint32(header + 16, pages(size), true);
    words.setUint32(header + 20, moved, true);
  }
  moveDebugEntries(words, optional + DIRECTORIES + 8 * DEBUG, sections);
  return aligned;
}

function readSections(view: DataView, header: number): Section[] {
  const optional = header + 24;
  const first = optional + view.getUint16(header + 20, true);
  let moved = pages(view.getUint32(optional + HEADERS_SIZE, true));
  return Array.from({ length: view.getUint16(header + 6, true) }, (_, index) => {
    const header = first + 40 * index;
    const [address = 0, size = 0, offset = 0] = [12, 16, 20].map((at) => view.getUint32(header + at, true));
    const section = { header, address, offset, size, moved };
    moved += pages(size);
    return section;
  });
}

/** The entries of the debug directory name places in the file. */
function moveDebugEntries(words: DataView, directory: number, sections: readonly Section[]): void {
  const address = words.getUint32(directory, true);
  const size = words.getUint32(directory + 4, true);
  const home = sections.find((section) => address >= section.address && address < section.address + section.size);
  if (!home) return;
  const first = home.moved + address - home.address;
  for (let entry = first; entry < first + size; entry += DEBUG_ENTRY) {
    const offset = words.getUint32(entry + 24, true);
    const section = sections.find((section) => offset >= section.offset && offset < section.offset + section.size);
    if (section) words.setUint32(entry + 24, offset - section.offset + section.moved, true);
  }
}

function pages(size: number): number {
  return Math.ceil(size / PAGE) * PAGE;
}
