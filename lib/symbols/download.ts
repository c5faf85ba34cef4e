/** One file from a server, in as many tries as it takes. */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { SymbolError } from "./error.ts";

/** What a download is told and tells. */
export interface DownloadOptions {
  /** Ends it; what has come stays for the next time. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes there are, and how many there will be where the server says so. */
  readonly onBytes?: ((received: number, total: number | undefined) => void) | undefined;
}

/** How long a server may be silent, in milliseconds. */
const SILENCE = 30_000;
/** How long to wait before the next try, in milliseconds. */
const DELAYS = [500, 2_000] as const;
/** What a server answers when it has no such file. */
const MISSING: readonly number[] = [404, 410];

/**
 * Fetches a file to the end of another, from where that ends: an earlier try may have left its beginning. Gives false where the
 * server has none.
 * @throws {SymbolError} kind `server` when it cannot be had, `unreachable` when it might be another time.
 */
export async function download(url: string, file: Deno.FsFile, options: DownloadOptions): Promise<boolean> {
  for (let tries = 0;; tries++) {
    options.signal?.throwIfAborted();
    const failure = await attempt(url, file, options);
    if (typeof failure === "boolean") return failure;
    const delay = DELAYS[tries];
    if (!failure.mayPass || delay === undefined) throw failed(url, failure);
    await sleep(delay, undefined, options.signal ? { signal: options.signal } : {}).catch(() =>
      options.signal?.throwIfAborted()
    );
  }
}

interface Failure {
  readonly reason: string;
  /** Whether it may have gone at the next try. */
  readonly mayPass: boolean;
}

async function attempt(url: string, file: Deno.FsFile, options: DownloadOptions): Promise<boolean | Failure> {
  using silence = new Silence(SILENCE, options.signal);
  try {
    const start = (await file.stat()).size;
    const response = await fetch(url, { headers: headersFrom(start), signal: silence.signal });
    const failure = await refusal(response, file);
    if (failure !== undefined) return failure;
    const isRest = response.status === 206 && startOf(response) === start;
    if (!isRest) await file.truncate(0);
    await receive(response, file, isRest ? start : 0, options, silence);
    return await isWhole(response, file) || { reason: "its checksum is another one", mayPass: true };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (silence.isOver) return { reason: `it has been silent for ${SILENCE / 1000} seconds`, mayPass: true };
    if (error instanceof TypeError || isOfNetwork(error)) return { reason: reasonOf(error as Error), mayPass: true };
    throw error;
  }
}

/** Why there is nothing to receive; false where the server has no such file. */
async function refusal(response: Response, file: Deno.FsFile): Promise<false | Failure | undefined> {
  const { ok, status, statusText } = response;
  if (ok) return undefined;
  await response.body?.cancel();
  if (MISSING.includes(status)) return false;
  if (status === 416) await file.truncate(0); // what is there is no beginning of it
  const mayPass = status === 416 || status === 429 || status >= 500;
  return { reason: `it answers ${status}${statusText && ` ${statusText}`}`, mayPass };
}

async function receive(
  response: Response,
  file: Deno.FsFile,
  start: number,
  { onBytes }: DownloadOptions,
  silence: Silence,
): Promise<void> {
  const length = response.headers.get("content-length");
  const total = length === null ? undefined : start + Number(length);
  let received = start;
  await file.seek(start, Deno.SeekMode.Start);
  for await (const part of response.body ?? []) {
    await writeAll(file, part);
    received += part.length;
    silence.broken();
    onBytes?.(received, total);
  }
  if (total !== undefined && received !== total) throw new TypeError(`${received} of ${total} bytes have come`);
}

/** A file may take a part at a time. */
export async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await file.write(rest));
}

/** As it is stored: lengths and ranges are of that. */
function headersFrom(start: number): Record<string, string> {
  return { "accept-encoding": "identity", ...(start > 0 ? { range: `bytes=${start}-` } : {}) };
}

function startOf(response: Response): number | undefined {
  const match = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "");
  return match ? Number(match[1]) : undefined;
}

/** Compares with the checksum that the server sent, if it did (RFC 9530, RFC 3230, RFC 1864); empties the file where it is another one. */
async function isWhole({ headers }: Response, file: Deno.FsFile): Promise<boolean> {
  const sha = /\bsha-256=:?([A-Za-z0-9+/=]+?):?(?:,|$)/i.exec(
    headers.get("repr-digest") ?? headers.get("digest") ?? "",
  );
  const md5 = headers.get("content-md5");
  const isPart = headers.has("content-range"); // the MD5 is of that part
  const [algorithm, wanted] = sha ? ["sha256", sha[1]] : md5 && !isPart ? ["md5", md5] : [];
  if (!algorithm || !wanted) return true;
  const hash = createHash(algorithm);
  await file.seek(0, Deno.SeekMode.Start);
  const buffer = new Uint8Array(1 << 16);
  for (let count = await file.read(buffer); count !== null; count = await file.read(buffer)) {
    hash.update(buffer.subarray(0, count));
  }
  if (hash.digest("base64") === wanted.trim()) return true;
  await file.truncate(0);
  return false;
}

/** Aborts when nothing has come for so long, or a signal does. */
class Silence implements Disposable {
  readonly #controller = new AbortController();
  readonly #milliseconds: number;
  readonly signal: AbortSignal;
  isOver = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(milliseconds: number, signal: AbortSignal | undefined) {
    this.#milliseconds = milliseconds;
    this.signal = signal ? AbortSignal.any([signal, this.#controller.signal]) : this.#controller.signal;
    this.broken();
  }

  /** Something has come. */
  broken(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.isOver = true;
      this.#controller.abort();
    }, this.#milliseconds);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

function isOfNetwork(error: unknown): boolean {
  return error instanceof Deno.errors.Http || error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.UnexpectedEof || error instanceof Deno.errors.BrokenPipe;
}

/** The innermost cause: what is around it repeats the address. */
function reasonOf(error: Error): string {
  const inner = error.cause instanceof Error ? error.cause : error;
  return (inner.message.split(": ").at(-1) ?? inner.message).replaceAll(/\s+/g, " ");
}

function failed(url: string, { reason, mayPass }: Failure): SymbolError {
  return new SymbolError(
    mayPass ? "unreachable" : "server",
    `Cannot fetch ${url}: ${reason}; look at the address, the network and the server`,
  );
}
