/**
 * Paths and URLs of this machine's files.
 * @module
 */
import { dirname as parentOf, isAbsolute, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The path of a file URL. */
export function fromFileUrl(url: URL): string {
  return fileURLToPath(url);
}

/** The folder of a file; a path that ends in a separator is a folder itself. */
export function dirname(path: string): string {
  return path.endsWith("/") || path.endsWith(sep) ? path.slice(0, -1) || sep : parentOf(path);
}

/** Where a path lies in a folder; undefined where it lies outside. */
export function relativePath(folder: string, path: string): string | undefined {
  const way = relative(folder, path);
  return way === "" || way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way) ? undefined : way;
}

/** The real path of a file, links followed; of one that does not exist, as far as it does. */
export function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const parent = parentOf(path);
    return parent === path
      ? path
      : realPath(parent) + path.slice(parent.endsWith(sep) ? parent.length - 1 : parent.length);
  }
}

/** Bytes of a text about a script, or of the script's own, that this process takes. */
export const MAX_TEXT = 16 << 20;

/** The text of a stream. @throws {RangeError} as soon as it is longer than so many bytes. */
export async function textUpTo(stream: ReadableStream<Uint8Array>, most: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for await (const bytes of stream) {
    length += bytes.length;
    if (length > most) throw new RangeError(`Cannot read the text: it is longer than ${most} bytes`);
    text += decoder.decode(bytes, { stream: true });
  }
  return text + decoder.decode();
}
