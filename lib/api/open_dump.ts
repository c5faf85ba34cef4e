import { EngineDump } from "../dbgeng/dump_source.ts";
import { enginePath } from "../remote/wine_paths.ts";
import { orAborted } from "../session/abort.ts";
import { requireText, requireTextIfAny } from "../session/arguments.ts";
import { Dump } from "../session/dump.ts";
import type { EngineOptions } from "../session/engine.ts";
import { called } from "./calls.ts";
import { type ConnectionOptions, openConnection, requireConnectionOptions } from "./connection.ts";

/** How to open a dump. */
export interface OpenDumpOptions extends ConnectionOptions, EngineOptions {
  /**
   * Folders where the dump's images are looked for, with `;` between them, before the places that they had when it was written. Of a small dump
   * no stack can be walked without.
   */
  readonly imagePath?: string;
  /** Gives it up. */
  readonly signal?: AbortSignal;
}

/**
 * Opens a dump of a program, and gives the program as it was: its threads, stacks and locals, memory, modules, symbols, types and values, by the calls of
 * a stopped one. Nothing runs in it, and nothing in it can be changed. Requires `--allow-ffi`; on Linux, and with the option `host`, `--allow-run`.
 * Not in confined scripts.
 *
 * An engine has one dump at a time, or programs: in one process there is one engine, unless hosts have others.
 *
 * Stands for https://learn.microsoft.com/windows-hardware/drivers/ddi/dbgeng/nf-dbgeng-idebugclient4-opendumpfilewide
 *
 * @param path Its file, as this system has it; with `host`, as that machine has it.
 * @throws {EngineError} kind `failed` for what is no dump or damaged, `not-supported` for one of Windows itself, `in-use` where the process has
 * an engine already.
 *
 * @example What a program crashed of, and with which locals
 * ```ts
 * import { openDump } from "@latch/latch";
 *
 * await using dump = await openDump("app.dmp", { symbolPath: "C:\\builds\\42" });
 * console.log(dump.exception?.name, (await dump.thread().stack())[0]?.symbol);
 * for (const { name, value } of await dump.thread().locals()) console.log(name, await value?.read());
 * ```
 */
export async function openDump(path: string, options: OpenDumpOptions = {}): Promise<Dump> {
  return await called(openDump, async () => {
    requireText("Cannot open a dump", "path", path, false);
    requireConnectionOptions(options);
    const { imagePath, signal, host, engine, symbolPath } = options;
    requireTextIfAny("Cannot open a dump", "imagePath", imagePath);
    signal?.throwIfAborted();
    const source = new EngineDump(openConnection(options));
    const engineOptions = {
      ...(engine === undefined ? {} : { engine }),
      ...(symbolPath === undefined ? {} : { symbolPath }),
    };
    const opening = source.open(host ? path : enginePath(path), imagePath ?? null, engineOptions);
    try {
      return new Dump(source, path, await orAborted(opening, signal));
    } catch (error) {
      await source.close().catch(() => {}); // the first failure is told
      throw error;
    }
  });
}
