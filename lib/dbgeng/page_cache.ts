import type { ProgramRequests } from "../session/engine.ts";
import { EngineError } from "../session/errors.ts";
import type { EngineApi, EngineConnection, Focus } from "./engine_api.ts";

/** Bytes of a page. */
const PAGE = 4096;
const PAGE_BITS = 12n;

/** So many pages are kept of a program: one MiB. */
const MOST_PAGES = 256;

/** After so many answers without a request the script's other tasks get a turn: that is some milliseconds. */
const BURST = 5_000;

/** What neither has the programs run nor writes. A command may do both, and an expression may assign. */
const LOOKS: ReadonlySet<keyof EngineApi> = new Set(
  [
    ...["threads", "modules", "stack", "registers", "report", "read", "readWithPage", "nameAt", "addressOf"] as const,
    ...["variable", "type", "locals", "sourceLines", "position"] as const,
  ],
);

/** What is read: {@linkcode ProgramRequests.read}. */
type Read = [focus: Focus, ...Parameters<ProgramRequests["read"]>];

/** A page: its bytes; or it was read in once, or is one that others may write to. */
type Page = Uint8Array<ArrayBuffer> | "read" | "shared";

/**
 * Asks the engine for a session, and knows memory that cannot have changed since it was read. A read is a request as it is; one in the same
 * page, nothing having run meanwhile, brings the page along, and from then on there is none until something may have run or written: until
 * any request that does more than look. Only a program's own pages are kept: see {@linkcode EngineApi.readWithPage}.
 *
 * A confined script has it on its own side of the guard, which has judged each request that a page came by: a right that was granted stays.
 */
export class PageCache {
  readonly #connection: Pick<EngineConnection, "call">;
  /** By process, and by number: address / 4096. */
  readonly #programs = new Map<number, Map<number, Page>>();
  /** Requests under way that do more than look. */
  #changes = 0;
  #answers = 0;

  constructor(connection: Pick<EngineConnection, "call">) {
    this.#connection = connection;
  }

  /** Asks the engine, or knows. */
  call<K extends keyof EngineApi>(name: K, ...values: Parameters<EngineApi[K]>): Promise<ReturnType<EngineApi[K]>> {
    if (name === "read") return this.#read(...values as Read) as Promise<ReturnType<EngineApi[K]>>;
    return LOOKS.has(name) ? this.#ask(name, ...values) : this.#change(name, ...values);
  }

  async #change<K extends keyof EngineApi>(
    name: K,
    ...values: Parameters<EngineApi[K]>
  ): Promise<ReturnType<EngineApi[K]>> {
    this.forget();
    this.#changes++;
    try {
      return await this.#ask(name, ...values);
    } finally {
      this.#changes--;
    }
  }

  /** A look that fails leaves all as it was, unless it fails for the program or the engine being lost. */
  async #ask<K extends keyof EngineApi>(
    name: K,
    ...values: Parameters<EngineApi[K]>
  ): Promise<ReturnType<EngineApi[K]>> {
    try {
      return await this.#connection.call(name, ...values);
    } catch (error) {
      if (!(error instanceof EngineError && error.kind === "failed")) this.forget();
      throw error;
    }
  }

  /** Nothing is known any more. Answers that are under way come to pages that nobody looks at. */
  forget(): void {
    this.#programs.clear();
  }

  async #read(...[focus, address, length, uncached]: Read): Promise<Uint8Array<ArrayBuffer>> {
    const offset = Number(BigInt.asUintN(Number(PAGE_BITS), address));
    const isInside = length > 0 && offset + length <= PAGE;
    if (!isInside || uncached || this.#changes > 0) return await this.#ask("read", focus, address, length);
    const pages = this.#pagesOf(focus.processId);
    const number = Number(address >> PAGE_BITS);
    const page = pages.get(number);
    if (typeof page === "object") {
      if (++this.#answers % BURST === 0) await new Promise((resolve) => setTimeout(resolve, 0));
      return page.slice(offset, offset + length);
    }
    if (page === "read") return await this.#readWithPage(pages, number, [focus, address, length]);
    keep(pages, number, page ?? "read");
    return await this.#ask("read", focus, address, length);
  }

  async #readWithPage(
    pages: Map<number, Page>,
    number: number,
    values: Parameters<EngineApi["readWithPage"]>,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { bytes, page } = await this.#ask("readWithPage", ...values);
    keep(pages, number, page ?? "shared");
    return bytes;
  }

  #pagesOf(processId: number): Map<number, Page> {
    const known = this.#programs.get(processId);
    if (known) return known;
    const pages = new Map<number, Page>();
    this.#programs.set(processId, pages);
    return pages;
  }
}

/** Keeps a page; the one that came first is forgotten for it when there are too many. */
function keep(pages: Map<number, Page>, number: number, page: Page): void {
  pages.set(number, page);
  const [first] = pages.size > MOST_PAGES ? pages.keys() : [];
  if (first !== undefined) pages.delete(first);
}
