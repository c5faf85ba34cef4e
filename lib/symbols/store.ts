/** The folder that fetched files are kept in, as Microsoft's symbol stores are laid out: `name/id/name`. */
import { dirname, join } from "node:path";
import { FileError, fileFailure } from "../files/error.ts";
import { FileReader } from "../files/file_reader.ts";
import { readImage } from "../files/image.ts";
import { pdbGuid } from "./pdb.ts";
import type { WantedFile } from "./wanted.ts";

/** A store with such a file has one more folder in front, of a name's first two letters. */
const TWO_TIER = "index2.txt";

/** Where a file is, or would be, in a store. */
export function placeInStore(folder: string, { name, id }: WantedFile): string {
  return join(folder, ...(isTwoTier(folder) ? [name.slice(0, 2).toLowerCase()] : []), name, id, name);
}

/** Whether a file of a store is there and is what was wanted. */
export function isInStore(path: string, wanted: WantedFile): boolean {
  try {
    using reader = new FileReader(path);
    return isWanted(reader, wanted);
  } catch (error) {
    if (error instanceof FileError && error.kind !== "storage") return false;
    throw error;
  }
}

/** Whether a file is what was wanted, by what it says itself; one that says nothing is believed. */
export function isWanted(reader: FileReader, { id, kind }: WantedFile): boolean {
  if (reader.size === 0) return false;
  if (kind === "module") return readImage(reader).id.toLowerCase() === id.toLowerCase();
  const guid = pdbGuid(reader);
  return guid === undefined ? !id.endsWith("FFFFFFFF") && isOld(id) : id.startsWith(guid);
}

/** Symbols from before there were GUIDs: a time stamp and an age. */
function isOld(id: string): boolean {
  return id.length < 32;
}

/**
 * Writes a file so that others see the whole of it or nothing: `write` fills another one, of which an earlier try may have left the beginning,
 * and says whether it is whole. That one is locked meanwhile: another process may have `written` it when it is this one's turn.
 */
export async function writeToStore(
  path: string,
  isThere: () => boolean,
  write: (part: Deno.FsFile) => Promise<boolean>,
): Promise<"written" | "present" | "nothing"> {
  const part = partOf(path);
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    using file = await Deno.open(part, { read: true, write: true, create: true });
    await file.lock(true);
    if (!isThere() && await write(file)) {
      await Deno.rename(part, path);
      return "written";
    }
  } catch (error) {
    if (sizeOf(part) === 0) await removeEmpty(part);
    throw fileFailure("write", path, error);
  }
  await removeEmpty(part);
  return isThere() ? "present" : "nothing";
}

/** Takes a file away, and the folders that were made for it. */
async function removeEmpty(part: string): Promise<void> {
  try {
    await Deno.remove(part);
    await Deno.remove(dirname(part));
    await Deno.remove(dirname(dirname(part)));
  } catch {
    // there is something else in them
  }
}

/** What a file is called until it is whole. */
export function partOf(path: string): string {
  return `${path}.part`;
}

/** Whether it has that folder in front. */
export function isTwoTier(folder: string): boolean {
  return sizeOf(join(folder, TWO_TIER)) !== undefined;
}

/** In bytes; undefined where there is no such file. */
export function sizeOf(path: string): number | undefined {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}
