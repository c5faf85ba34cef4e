import { fileName } from "../files/code_view.ts";
import { FileError } from "../files/error.ts";
import { SymbolError } from "./error.ts";
import { wantedFiles } from "./read_wanted.ts";
import { askServer, type ServerAnswer } from "./server.ts";
import { isInStore, placeInStore, writeToStore } from "./store.ts";
import type { WantedFile } from "./wanted.ts";

/** Where files are fetched from, where they are kept, and which. */
export interface FetchSymbolsOptions {
  /** Addresses of symbol servers (`https://…`), asked in this order. */
  readonly servers: readonly (string | URL)[];
  /** The folder to keep them in, which is made if need be. Given as `symbolPath`, it is where the engine finds them. */
  readonly cache: string;
  /** Whether programs and DLLs themselves are fetched, too, as dumps without memory of code need them. @default {false} */
  readonly modules?: boolean | undefined;
  /** Whether a file is copied from where a server says that it is, on this machine or in its network. @default {false} */
  readonly followPaths?: boolean | undefined;
  /** Ends it. What has come of a file stays, and the next call goes on from there. */
  readonly signal?: AbortSignal | undefined;
  /** Called as bytes come. */
  readonly onProgress?: ((progress: FetchProgress) => void) | undefined;
}

/** How far a file has come. */
export interface FetchProgress {
  /** Which file it is. */
  readonly file: WantedFile;
  /** Bytes that are there. */
  readonly received: number;
  /** Bytes that there will be, where the server says so. */
  readonly total: number | undefined;
}

/** What became of a file that was wanted. */
export interface FetchedFile extends WantedFile {
  /** It was `present` in the cache, was `fetched`, is `missing` from all servers, or has `failed`. */
  readonly outcome: "present" | "fetched" | "missing" | "failed";
  /** Where it is, if it is there. */
  readonly path?: string;
  /** Why it is not, where more is to be said than that no server has it. */
  readonly reason?: string;
}

/** So many files are fetched at a time. */
const AT_ONCE = 4;

/**
 * Fetches the symbols that programs, DLLs and dumps want from symbol servers over HTTP, and keeps them in a folder as Microsoft's symbol
 * stores are laid out (`name/id/name`; with one more folder in front where the folder holds an `index2.txt`), so that the engine
 * finds them without a network and without `symsrv.dll`. What a server gives is compared with its checksum, if it sends one, and with
 * what was wanted. Nothing else of this library uses a network.
 *
 * @param wanted Paths of programs, DLLs and minidumps, or what {@linkcode wantedFiles} gives of them.
 * @returns What became of each, in their order, each once.
 * @throws {FileError} when a path cannot be read, or the cache cannot be written to. What servers do not give is told by the outcome.
 * @throws {TypeError} for an address that is none.
 *
 * Needs `--allow-net` for the servers, and `--allow-read` and `--allow-write` for the files.
 *
 * Stands for https://learn.microsoft.com/windows/win32/debug/using-symsrv
 *
 * @example
 * ```ts no-eval
 * import { attach } from "@latch/latch";
 * import { fetchSymbols } from "@latch/latch/symbols";
 *
 * await fetchSymbols(["C:\\app\\app.exe"], { servers: ["https://symbols.example.com"], cache: "C:\\symbols" });
 * await using program = await attach("app.exe", { symbolPath: "C:\\symbols" });
 * ```
 */
export async function fetchSymbols(
  wanted: readonly (string | WantedFile)[],
  options: FetchSymbolsOptions,
): Promise<FetchedFile[]> {
  const servers = options.servers.map((address): Server => ({ url: serverAddress(address) }));
  for (const file of wanted) if (typeof file !== "string") requireWanted(file);
  const files = new Map<string, WantedFile>();
  for (const file of wanted.flatMap((each) => typeof each === "string" ? wantedFiles(each) : each)) {
    if (file.kind === "symbols" || options.modules) files.set(`${file.name.toLowerCase()}/${file.id}`, file);
  }
  const queue = [...files.values()].entries();
  const done: FetchedFile[] = [];
  const work = async (): Promise<void> => {
    for (const [index, file] of queue) done[index] = await fetchOne(file, servers, options);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return done;
}

/** A server, until it cannot be reached: then it is not asked again. */
interface Server {
  readonly url: URL;
  failure?: SymbolError;
}

/** The address of a symbol server. @throws {TypeError} for what is none. */
export function serverAddress(address: string | URL): URL {
  const url = URL.parse(address);
  if (url && /^https?:$/.test(url.protocol)) return url;
  const advice = "give one that begins with https:// or http://, without srv* in front";
  throw new TypeError(`Cannot use the symbol server "${address}": it is no address; ${advice}`);
}

/** It becomes part of a path and of an address. */
function requireWanted({ name, id }: WantedFile): void {
  if (fileName(name) === name && /^[0-9A-Fa-f]{9,48}$/.test(id)) return;
  throw new TypeError(`Cannot fetch "${name}" ${id}: that is no name and id; take what wantedFiles() gives`);
}

async function fetchOne(file: WantedFile, servers: Server[], options: FetchSymbolsOptions): Promise<FetchedFile> {
  options.signal?.throwIfAborted();
  const path = placeInStore(options.cache, file);
  const isThere = (): boolean => isInStore(path, file);
  if (isThere()) return { ...file, outcome: "present", path };
  const { signal, followPaths, onProgress } = options;
  const onBytes = (received: number, total: number | undefined): void => onProgress?.({ file, received, total });
  const reasons: string[] = [];
  let outcome: FetchedFile["outcome"] = "missing";
  for (const server of servers) {
    let answer: ServerAnswer = "missing";
    try {
      if (server.failure) throw server.failure;
      const written = await writeToStore(path, isThere, async (part) => {
        answer = await askServer(server.url, file, part, path, { signal, followPaths, onBytes });
        return answer === "fetched";
      });
      if (written !== "nothing") return { ...file, outcome: written === "written" ? "fetched" : "present", path };
      answer = answer as ServerAnswer; // which was given inside
      if (typeof answer === "object") reasons.push(answer.reason);
    } catch (error) {
      signal?.throwIfAborted();
      if (!isOfServer(error)) throw error;
      if (error instanceof SymbolError && error.kind === "unreachable") server.failure = error;
      reasons.push(error.message);
      outcome = "failed";
    }
  }
  return { ...file, outcome, ...(reasons.length > 0 ? { reason: reasons.join("; ") } : {}) };
}

/** Whether it is about what the server gave, and not about the cache, where all others would fail as well. */
function isOfServer(error: unknown): error is Error {
  return error instanceof SymbolError || (error instanceof FileError && error.kind !== "storage");
}
