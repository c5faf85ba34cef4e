/** Symbols of running programs: the option of a session, and the call that fetches them. */
import { resolve } from "node:path";
import { DBGENG } from "../dbgeng/native_engine.ts";
import { FileError } from "../files/error.ts";
import { shownPath } from "../remote/wine_paths.ts";
import { isWine } from "../remote/wine.ts";
import { requireOneOf, requireOptions, requireText } from "../session/arguments.ts";
import { EngineError, StateError } from "../session/errors.ts";
import { Program } from "../session/program.ts";
import { serverAddress } from "../symbols/fetch.ts";
import { isTwoTier } from "../symbols/store.ts";
import { type FetchedFile, fetchSymbols, type FetchSymbolsOptions, wantedByProgram } from "../symbols/mod.ts";

/** Where a session's symbols are fetched from, where they are kept, and which. */
export type SymbolsOption = Pick<FetchSymbolsOptions, "servers" | "cache" | "modules" | "followPaths">;

/** What {@linkcode fetchProgramSymbols} is told: what ends it, and who hears of its progress. */
export type FetchProgramSymbolsOptions = Pick<FetchSymbolsOptions, "signal" | "onProgress">;

/** A session whose programs' symbols can be fetched. */
interface SymbolSession {
  readonly programs: ReadonlyMap<string, Program>;
}

/** Those that have the option, until they are disposed. */
const stores = new Map<SymbolSession, SymbolsOption>();

/**
 * Takes the option of a session, and gives it with the cache as an absolute path of this system.
 * @throws {TypeError} for what it does not take. @throws {EngineError} kind `permission`.
 */
export function requireSymbols(option: SymbolsOption, isConfined: boolean, host: unknown): SymbolsOption {
  const action = "Cannot open a session";
  requireOptions(action, option);
  const { servers, cache, modules, followPaths } = option;
  if (!Array.isArray(servers) || servers.length === 0) {
    throw new TypeError(`${action}: symbols.servers is no list of addresses; give one or more of https://…`);
  }
  requireText(action, "symbols.cache", cache, false);
  for (const [name, value] of Object.entries({ modules, followPaths })) {
    requireOneOf(action, `symbols.${name}`, value, [undefined, true, false]);
  }
  const urls = servers.map(serverAddress);
  if (isConfined) {
    const advice = "fetch them before, by `latch symbols fetch`, and give the folder as symbolPath";
    throw new EngineError("permission", `${action}: a confined script fetches no symbols; ${advice}`);
  }
  if (host !== undefined) {
    const advice = "give a folder of its machine as symbolPath, and fill that with wantedByProgram and fetchSymbols";
    throw new TypeError(`${action}: symbols and host do not go together, as the engine looks there; ${advice}`);
  }
  const folder = cachePath(action, cache);
  requireRights(action, urls, folder);
  return { ...option, cache: folder };
}

/** On Linux users may name a folder as Windows programs see it. */
function cachePath(action: string, cache: string): string {
  const path = shownPath(cache);
  if (Deno.build.os !== "windows" && /^[A-Za-z]:|^\\\\/.test(path)) {
    const advice = "give a folder as Linux has it";
    throw new TypeError(`${action}: symbols.cache is ${cache}, which is on a drive of Wine's own; ${advice}`);
  }
  const folder = resolve(path);
  if (!/[;*]/.test(folder)) return folder;
  throw new TypeError(
    `${action}: symbols.cache is ${cache}; the engine takes ; and * for more than a path, give another`,
  );
}

/** Without them the first fetch would fail, in the middle of a session. */
function requireRights(action: string, urls: readonly URL[], folder: string): void {
  const hosts = urls.map(({ protocol, hostname, port }) => `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`);
  const needed: readonly (readonly [Deno.PermissionDescriptor, string])[] = [
    ...hosts.map((host) => [{ name: "net", host }, `--allow-net=${host}`] as const),
    [{ name: "read", path: folder }, `--allow-read=${folder}`],
    [{ name: "write", path: folder }, `--allow-write=${folder}`],
  ];
  for (const [descriptor, flag] of needed) {
    if (Deno.permissions.requestSync(descriptor).state === "granted") continue;
    throw new EngineError("permission", `${action}: the option symbols requires ${flag}, run again with it`);
  }
}

/** Where an engine of this machine looks: where it was told to, and in the cache. */
export function symbolPathWith(symbolPath: string | undefined, { cache }: SymbolsOption): string {
  const folder = isWine ? `Z:${cache.replaceAll("/", "\\")}` : cache;
  return symbolPath ? `${symbolPath};${folder}` : folder;
}

/** From now on symbols of the session's programs can be fetched. Gives what ends that. */
export function keepStore(session: SymbolSession, option: SymbolsOption): () => void {
  stores.set(session, option);
  return () => void stores.delete(session);
}

/**
 * Fetches the symbols that a program's modules want, as they are loaded now, from the symbol servers of its session's option `symbols` into the
 * cache, and has the engine look for those that it missed so far. What is in the cache is not fetched again.
 *
 * It is a call of its own, since only its caller knows when a program may stand while servers take minutes. The program has to be stopped when it is
 * called; from the first `onProgress` on it may run, if somebody waits. Names that were asked for before the call stay unknown then, until
 * the next one. The `signal` ends it with its reason; what has come of a file stays for the next time.
 *
 * @param program A program of a session with the option `symbols`, a process server's and a child too. One of a script runtime wants nothing.
 * @returns What became of each file, as {@linkcode fetchSymbols} of `@latch/latch/symbols` gives it: a server that fails is an outcome, no error.
 * @throws {TypeError} when its session has no option `symbols`.
 * @throws {StateError} when it runs, or has ended.
 * @throws {FileError} when the cache cannot be written to, or has an `index2.txt`: only `symsrv.dll` finds what is in such a store.
 *
 * Needs, beside what the session needs, `--allow-net` for the servers (and where they send one on), and `--allow-read` and `--allow-write` for the
 * cache: the session asks for them when it is made. Not for confined scripts, nor with the option `host`.
 *
 * Stands for https://learn.microsoft.com/windows/win32/debug/using-symsrv
 *
 * @example Names and lines at a crash
 * ```ts
 * import { fetchProgramSymbols, launch } from "@latch/latch";
 *
 * await using program = await launch(["app.exe"], {
 *   symbols: { servers: ["https://symbols.example.com"], cache: "C:\\symbols" },
 * });
 * const { threadId } = await program.next("exception");
 * await fetchProgramSymbols(program);
 * for (const { symbol, file, line } of await program.thread(threadId).stack()) console.log(symbol, file, line);
 * ```
 */
export async function fetchProgramSymbols(
  program: Program,
  options: FetchProgramSymbolsOptions = {},
): Promise<FetchedFile[]> {
  const action = "Cannot fetch symbols";
  if (!(program instanceof Program)) throw new TypeError(`${action}: program is no program; give what launch gave`);
  requireOptions(action, options);
  if (program.engineId !== DBGENG) return [];
  const wanted = await wantedByProgram(program);
  const store = storeOf(program);
  if (isTwoTier(store.cache)) {
    const advice = "only symsrv.dll finds what is in such a store; give another folder";
    throw new FileError("not-supported", `${action} into ${store.cache}: it has an index2.txt, and ${advice}`);
  }
  const { signal, onProgress } = options;
  const fetched = await fetchSymbols(wanted, { ...store, signal, onProgress });
  await lookAgain(program, fetched);
  return fetched;
}

function storeOf(program: Program): SymbolsOption {
  for (const [session, option] of stores) if (session.programs.get(program.id) === program) return option;
  const advice = "give symbols: { servers, cache } where it is opened";
  throw new TypeError(`Cannot fetch symbols of ${program.name}: its session has no option symbols; ${advice}`);
}

/** How the engine says that it found no symbols: it does not look a second time. */
const MISSED = /^([\da-f`]+) +[\da-f`]+ +.*\((?:export symbols|no symbols)\)/gm;

/** Has the engine forget that it did not find what is there now. */
async function lookAgain(program: Program, fetched: readonly FetchedFile[]): Promise<void> {
  const modules = new Set(fetched.flatMap(({ path, module }) => path === undefined ? [] : module.toLowerCase()));
  if (modules.size === 0 || program.state !== "stopped") return;
  try {
    const missed = new Set<bigint>();
    for (const [, base = ""] of (await program.execute("lm")).matchAll(MISSED)) {
      missed.add(BigInt(`0x${base.replaceAll("`", "")}`));
    }
    for (const { base, imageName } of await program.modules()) {
      const file = imageName.split(/[\\/]/).at(-1) ?? "";
      if (missed.has(base) && modules.has(file.toLowerCase())) await program.execute(`.reload "${imageName}"`);
    }
  } catch (error) {
    const mayBe = error instanceof StateError || (error instanceof EngineError && error.kind === "failed");
    if (!mayBe) throw error; // it runs again, is gone, or has a path that the engine cannot read
  }
}
