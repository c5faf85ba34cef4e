/** What a program's modules want by their headers in its memory: their files may be on another machine, or gone. */
import { fileName } from "../files/code_view.ts";
import { FileError } from "../files/error.ts";
import { readImage } from "../files/image.ts";
import type { Source } from "../files/pe.ts";
import type { ModuleInfo } from "../session/engine.ts";
import type { EngineError } from "../session/errors.ts";
import { wantedBy } from "./read_wanted.ts";
import type { WantedFile } from "./wanted.ts";

/** A program as sessions have it, stopped: its modules, and its memory. */
export interface LoadedProgram {
  /** The modules that are loaded now. */
  modules(): Promise<readonly ModuleInfo[]>;
  /** Its memory. */
  readonly memory: { read(address: bigint, length: number): Promise<Uint8Array<ArrayBuffer>> };
}

/**
 * The files that the modules of a stopped program want from symbol servers: per module its symbols, where it names any, and itself. They
 * are read from its memory, so that this works whatever machine it is on. One whose headers cannot be read wants nothing.
 *
 * @throws {StateError} when the program runs, or has ended.
 *
 * Needs what the program's session needs, and no more.
 *
 * @example A program in a host on another machine, whose symbols are fetched here
 * ```ts no-eval
 * import { attach } from "@latch/latch";
 * import { fetchSymbols, wantedByProgram } from "@latch/latch/symbols";
 *
 * await using program = await attach("app.exe", { host: ["ssh", "lab7", "latch-host"], symbolPath: "\\\\nas\\symbols" });
 * const options = { servers: ["https://symbols.example.com"], cache: "/mnt/nas/symbols" };
 * await fetchSymbols(await wantedByProgram(program), options);
 * ```
 */
export async function wantedByProgram(program: LoadedProgram): Promise<WantedFile[]> {
  const wanted: WantedFile[] = [];
  for (const module of await program.modules()) {
    const { id, symbols } = await readLoaded(program, module) ?? {};
    if (id !== undefined && symbols) wanted.push(...wantedBy(fileName(module.imageName) ?? "", id, symbols));
  }
  return wanted;
}

async function readLoaded(
  { memory }: LoadedProgram,
  module: ModuleInfo,
): Promise<ReturnType<typeof readImage> | undefined> {
  const source = new LoadedSource(module);
  for (;;) {
    try {
      return readImage(source, true);
    } catch (error) {
      if (error instanceof FileError) return undefined;
      if (!(error instanceof MissingPages)) throw error;
      try {
        source.add(error.start, await memory.read(module.base + BigInt(error.start), error.length));
      } catch (error) {
        if (isRefused(error)) return undefined;
        throw error;
      }
    }
  }
}

/** Whether memory cannot be read there: it was paged out, or taken away. By name, for the session's bundle has a class of its own. */
function isRefused(error: unknown): boolean {
  return error instanceof Error && error.name === "EngineError" && (error as EngineError).kind === "failed";
}

const PAGE = 0x1000;

/** Thrown where a part is asked for that has not been read yet: who reads it asks again. */
class MissingPages extends Error {
  readonly start: number;
  readonly length: number;

  constructor(start: number, length: number) {
    super("pages are missing");
    this.start = start;
    this.length = length;
  }
}

/** A module as far as it was read. */
class LoadedSource implements Source {
  readonly path: string;
  readonly #size: number;
  readonly #pages = new Map<number, Uint8Array>();

  constructor({ imageName, size }: ModuleInfo) {
    this.path = imageName;
    this.#size = size;
  }

  add(start: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += PAGE) this.#pages.set(start + at, bytes.subarray(at, at + PAGE));
  }

  read(offset: number, length: number): DataView<ArrayBuffer> {
    if (offset < 0 || length < 0 || offset + length > this.#size) throw this.cut();
    const bytes = new Uint8Array(length);
    const first = offset - offset % PAGE;
    for (let start = first; start < offset + length; start += PAGE) {
      const page = this.#pages.get(start);
      if (!page) throw new MissingPages(start, Math.min(PAGE, this.#size - start));
      const part = page.subarray(Math.max(0, offset - start), Math.min(page.length, offset + length - start));
      bytes.set(part, Math.max(start, offset) - offset);
    }
    return new DataView(bytes.buffer);
  }

  cut(): FileError {
    return new FileError("unreadable", `Cannot read ${this.path}: its headers are damaged`);
  }
}
