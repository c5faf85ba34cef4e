/**
 * What a program's own file is called. The engine takes the name of one that it launches from the file's export directory or its debug
 * record, which keep an old name when the file is renamed, or one that all programs of a kind have.
 */
import { HresultError } from "../../com/hresult.ts";
import { EngineError } from "../../session/errors.ts";
import type { ModuleInfo } from "../../session/engine.ts";
import { read } from "./inspect.ts";
import { nameOfFile } from "./modules.ts";
import type { EngineObjects } from "./objects.ts";

/** Where a 64-bit PEB has the address of the process's parameters, and these whether they hold addresses, and the path of the file. */
const PARAMETERS = 0x20n;
const FLAGS = 0x08;
const NORMALIZED = 1;
const PATH = { length: 0x60, address: 0x68 } as const;
const SIZE = 0x70;

/** The path of the current process's file, as its parameters have it: of a process on another machine nothing else tells. */
export function parameterPath(objects: EngineObjects): string | undefined {
  const view = (address: bigint, length: number): DataView => new DataView(read(objects, address, length).buffer);
  try {
    const base = view(objects.system.GetCurrentProcessPeb() + PARAMETERS, 8).getBigUint64(0, true);
    const parameters = view(base, SIZE);
    const offset = (parameters.getUint32(FLAGS, true) & NORMALIZED) !== 0 ? 0n : base;
    const address = parameters.getBigUint64(PATH.address, true) + offset;
    const text = read(objects, address, parameters.getUint16(PATH.length, true));
    return new TextDecoder("utf-16le").decode(text).replace(/^\\\?\?\\/, "") || undefined;
  } catch (error) {
    if (!(error instanceof EngineError || error instanceof HresultError)) throw error;
    return undefined; // a process that comes up may have none yet
  }
}

/** Signs in a path that the engine's list of modules to load takes for its own. */
const OWN_SIGNS = /[=,;"]/;

/** Has the engine call a program after its file; `name` is what it calls it now. */
export function nameAfterFile({ symbols }: EngineObjects, { name, base, size }: ModuleInfo, path: string): void {
  const wanted = nameOfFile(path);
  if (wanted === "" || wanted.toLowerCase() === name.toLowerCase()) return;
  const file = OWN_SIGNS.test(path) ? `${wanted}.exe` : path;
  try {
    symbols.ReloadWide(`"${file}=0x${base.toString(16)},0x${size.toString(16)}"`);
  } catch (error) {
    if (!(error instanceof HresultError)) throw error; // it keeps its name, by which symbols are found as well
  }
}
