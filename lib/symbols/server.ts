/** What a symbol server is asked, and what it may answer: the file, a compressed one, or where it is. */
import { cabinetContent, isCabinet } from "./cabinet.ts";
import { download, type DownloadOptions, downloadText } from "./download.ts";
import { FileError, fileFailure } from "../files/error.ts";
import { FileReader } from "../files/file_reader.ts";
import { SymbolError } from "./error.ts";
import { isWanted, partOf } from "./store.ts";
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
  const compressed = `${wanted.name.slice(0, -1)}_`;
  if (await unpacked(urlOf(compressed), part, path, options)) {
    return await checked(part, wanted, urlOf(compressed));
  }
  const text = await downloadText(urlOf("file.ptr"), MOST_POINTER, options);
  return text === undefined ? "missing" : await followed(text.trim(), wanted, part, options);
}

/** Fetches a cabinet beside the file and writes what is in it; false where the server has none. */
async function unpacked(url: string, part: Deno.FsFile, path: string, options: AskOptions): Promise<boolean> {
  const cabinet = partOf(`${path}.cab`);
  let isThere = false;
  {
    using file = await Deno.open(cabinet, { read: true, write: true, create: true });
    isThere = await download(url, file, options);
    using reader = new FileReader(url, file);
    if (isThere) await unpack(reader, part);
  }
  await Deno.remove(cabinet);
  return isThere;
}

async function unpack(reader: FileReader, part: Deno.FsFile): Promise<void> {
  if (!isCabinet(reader)) {
    throw new SymbolError("server", `Cannot unpack ${reader.path}: it is no cabinet; look at the server`);
  }
  await part.truncate(0);
  await part.seek(0, Deno.SeekMode.Start);
  for (const piece of cabinetContent(reader)) await writeAll(part, piece);
}

async function writeAll(part: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await part.write(rest));
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
    await part.truncate(0);
    await part.seek(0, Deno.SeekMode.Start);
    for await (const piece of source.readable) await writeAll(part, piece);
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
