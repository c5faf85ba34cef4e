import { openHost } from "../api/connection.ts";
import type { EngineConnection } from "../dbgeng/engine_api.ts";
import { within } from "../session/abort.ts";
import type { OutputStream } from "./output.ts";

/** How long a host may take to end when its script has, and nothing comes of what it prints, in milliseconds. */
const ENDS = 2_000;

/** Engines of this machine for one script, each in a process of its own, and what programs print that are launched there. */
export class OwnHosts {
  readonly #out: OutputStream;
  readonly #ends: Promise<void>[] = [];
  /** How many bytes were handed on, and whether some are on their way. */
  #passed = 0;
  #isPassing = false;

  /** `out` takes what programs print. They wait while it has a piece, as they would for a terminal. */
  constructor(out: OutputStream) {
    this.#out = out;
  }

  /** Starts one. */
  open(): EngineConnection {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ends.push(promise);
    return openHost((bytes) => this.#pass(bytes), resolve);
  }

  async #pass(bytes: Uint8Array): Promise<void> {
    this.#isPassing = true;
    await this.#out.write(bytes).finally(() => this.#isPassing = false);
    this.#passed += bytes.length;
  }

  /** Resolves when all is handed on that programs have printed; it is waited for as long as some of it comes, or somebody has it. */
  async printed(): Promise<void> {
    const all = Promise.all(this.#ends);
    for (let before = -1; this.#isPassing || before !== this.#passed;) {
      before = this.#passed;
      if (await within(ENDS, all)) break;
    }
    await this.#out.end().catch(() => {}); // who takes none of it is told elsewhere
  }
}
