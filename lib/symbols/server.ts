/** What a symbol server is asked, and what it may answer: the file, a compressed one, or where it is. */
import { FileError, fileFailure } from "../files/error.ts";
import { FileReader } from "../files/file_reader.ts";
import { cabinetContent, isCabinet } from "./cabinet.ts";
import { download, type DownloadOptions, writeAll } from "./download.ts";
import { SymbolError } from "./error.ts";
import { isWanted, partOf, sizeOf } from "./store.ts";
import type { WantedFile } from "./wanted.ts";

/** A text that says where a file is is not longer. */
const MOST_POINTER = 32 << 10;

/** How a file is asked for. */
export interface AskOptions extends DownloadOptions {
  /** Whether files are copied from where a server says that they are on this machine or in its network. */
  readonly followPaths?: boolean | undefined;
}

/** What a server had to say: nothing, the file, or why it has none that can be taken. */
export type ServerAnswer = "missing" | "fetched" | { readonly reason: string };

/**
 * Asks a server for a file and writes it to `part`, at `path` of which the rest of an earlier try may be.
 * @throws {SymbolError} kind `server` or `not-supported`.
 */
export async function askServer(
  server: URL,
  wanted: WantedFile,
  part: Deno.FsFile,
  path: string,
  options: AskOptions,
): Promise<ServerAnswer> {
  const urlOf = (name: string): string => {
    const folder = server.href.endsWith("/") ? server.href : `${server.href}/`;
    return new URL([wanted.name, wanted.id, name].map(encodeURIComponent).join("/"), folder).href;
  };
  const url = urlOf(wanted.name);
  const isRest = (await part.stat()).size > 0;
  if (await download(url, part, options)) {
    if (!isRest || isIt(url, part, wanted)) return await checked(part, wanted, url);
    await part.truncate(0); // what was there was no beginning of it
    if (await download(url, part, options)) return await checked(part, wanted, url);
  }
  const compressed = urlOf(`${wanted.name.slice(0, -1)}_`);
  if (await fetchBeside(compressed, partOf(`${path}.cab`), options, (cabinet) => unpack(cabinet, part))) {
    return await checked(part, wanted, compressed);
  }
  const pointer = partOf(`${path}.ptr`);
  const answer = await fetchBeside(urlOf("file.ptr"), pointer, { signal: options.signal }, (reader) => {
    const text = new TextDecoder().decode(reader.readUpTo(0, MOST_POINTER));
    return followed(text.trim(), wanted, part, options);
  });
  return answer ?? "missing";
}

/**
 * Fetches another file, beside the one that is wanted, and does something with it; undefined where the server has none. It is removed, but
 * for what has come of one that broke off.
 */
async function fetchBeside<T>(
  url: string,
  path: string,
  options: DownloadOptions,
  use: (reader: FileReader) => Promise<T>,
): Promise<T | undefined> {
  let isOver = false;
  try {
    using file = await Deno.open(path, { read: true, write: true, create: true });
    const isThere = await download(url, file, options);
    isOver = true;
    using reader = new FileReader(url, file);
    return isThere ? await use(reader) : undefined;
  } finally {
    if (isOver || sizeOf(path) === 0) await Deno.remove(path);
  }
}

async function unpack(cabinet: FileReader, part: Deno.FsFile): Promise<true> {
  if (!isCabinet(cabinet)) {
    throw new SymbolError("server", `Cannot unpack ${cabinet.path}: it is no cabinet; look at the server`);
  }
  await rewrite(part, cabinetContent(cabinet));
  return true;
}

/** Has it hold these pieces, or nothing: half of them are no beginning that a server could go on with. */
async function rewrite(part: Deno.FsFile, pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
  await part.truncate(0);
  await part.seek(0, Deno.SeekMode.Start);
  try {
    for await (const piece of pieces) await writeAll(part, piece);
  } catch (error) {
    await part.truncate(0);
    throw error;
  }
}

/** What `file.ptr` says: `PATH:` and where the file is, or `MSG:` and why there is none; without a word in front it is a path. */
async function followed(
  text: string,
  wanted: WantedFile,
  part: Deno.FsFile,
  options: AskOptions,
): Promise<ServerAnswer> {
  const message = /^MSG:\s*(.*)/is.exec(text)?.[1];
  if (message !== undefined) return { reason: `the server says: ${oneLine(message)}` };
  const target = text.replace(/^PATH:\s*/i, "");
  if (/^https?:\/\//i.test(target)) {
    return await download(target, part, options) ? await checked(part, wanted, target) : "missing";
  }
  if (!options.followPaths) {
    return {
      reason: `the server says that it is at ${oneLine(target)}, which is not followed unless that is asked for`,
    };
  }
  try {
    using source = await Deno.open(target);
    await rewrite(part, source.readable);
  } catch (error) {
    const failure = fileFailure("copy", oneLine(target), error);
    throw failure instanceof FileError ? new SymbolError("server", failure.message) : failure;
  }
  return await checked(part, wanted, target);
}

/** A server may give anything: what says itself that it is another file is not kept. */
async function checked(part: Deno.FsFile, wanted: WantedFile, source: string): Promise<ServerAnswer> {
  if (isIt(source, part, wanted)) return "fetched";
  await part.truncate(0);
  throw new SymbolError("server", `Cannot use ${source}: it is not ${wanted.name} ${wanted.id}; look at the server`);
}

function isIt(source: string, part: Deno.FsFile, wanted: WantedFile): boolean {
  try {
    using reader = new FileReader(source, part);
    return isWanted(reader, wanted);
  } catch (error) {
    if (error instanceof FileError) return false;
    throw error;
  }
}

function oneLine(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replaceAll(/[\x00-\x1f\x7f-\x9f]+/g, " ").trim().slice(0, 500);
}
