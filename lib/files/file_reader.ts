import { FileError, fileFailure } from "./error.ts";

/** Reads parts of a file, which may be larger than memory. */
export class FileReader implements Disposable {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  readonly #file: Deno.FsFile;
  readonly #isOwn: boolean;

  /**
   * `file`: one that is open already, and stays so.
   * @throws {FileError} when it cannot be opened.
   */
  constructor(path: string, file?: Deno.FsFile) {
    this.path = path;
    this.#isOwn = file === undefined;
    try {
      this.#file = file ?? Deno.openSync(path);
    } catch (error) {
      throw fileFailure("read", path, error);
    }
    const { size, isFile } = this.#file.statSync();
    this.size = size;
    if (isFile) return;
    this[Symbol.dispose]();
    throw new FileError("unreadable", `Cannot read ${path}: it is no file; give a program, a DLL or a dump`);
  }

  /**
   * So many bytes from there on.
   * @throws {FileError} when the file ends before.
   */
  read(offset: number, length: number): DataView<ArrayBuffer> {
    if (offset < 0 || length < 0 || offset + length > this.size) throw this.cut();
    const bytes = new Uint8Array(length);
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    for (let filled = 0; filled < length;) {
      const count = this.#file.readSync(bytes.subarray(filled));
      if (count === null) throw this.cut();
      filled += count;
    }
    return new DataView(bytes.buffer);
  }

  /** The same, or as much as there is. */
  readUpTo(offset: number, length: number): DataView<ArrayBuffer> {
    return this.read(offset, Math.max(0, Math.min(length, this.size - offset)));
  }

  /** It ends, or points to where nothing is. */
  cut(): FileError {
    return new FileError("unreadable", `Cannot read ${this.path}: it is cut off or damaged; take a whole copy of it`);
  }

  [Symbol.dispose](): void {
    if (this.#isOwn) this.#file.close();
  }
}

/** Characters of one byte, as magic numbers are made of. */
export function textAt(view: DataView, offset: number, length: number): string {
  let text = "";
  for (let index = offset; index < Math.min(view.byteLength, offset + length); index++) {
    text += String.fromCharCode(view.getUint8(index));
  }
  return text;
}
