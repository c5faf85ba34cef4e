/** Source lines and the code that was made of them. */
import type { Position, SourceLine, SourcePlace } from "../../session/source_lines.ts";
import { Symbols } from "./dbghelp.ts";
import { moduleBases } from "./modules.ts";
import type { EngineObjects } from "./objects.ts";

/** Pieces of code that one line is looked for in. */
const MOST_LINES = 4_096;

/** The line that an address is in, or each piece of code that a line has become, by address; none where symbols tell of none. */
export function sourceLines(objects: EngineObjects, which: bigint | SourcePlace): SourceLine[] {
  const symbols = new Symbols(objects);
  const at = (address: bigint): SourceLine[] => {
    const line = symbols.lineAt(address);
    return line ? [line] : [];
  };
  if (typeof which === "bigint") return at(which);
  const { file, line } = which;
  // The engine itself knows no file whose path was written with slashes.
  const starts = moduleBases(objects)
    .flatMap((base) => symbols.lines(base, file, line, MOST_LINES))
    .filter((start) => isEndOf(file, start.file));
  const places = new Set(starts.map(({ address }) => address));
  return [...places].sort((one, other) => one < other ? -1 : 1).flatMap(at);
}

/** Where the engine's current thread is. */
export function position(objects: EngineObjects): Position {
  const symbols = new Symbols(objects);
  const address = objects.registers.GetInstructionOffset();
  const line = symbols.lineAt(address) ?? null;
  return { address, line, isEntry: symbols.at(address)?.address === address };
}

/** Whether a path is meant: the whole of it, or its end from a folder on. */
function isEndOf(end: string, path: string): boolean {
  const plain = (text: string): string => `\\${text.replaceAll("/", "\\").replace(/^\\/, "").toLowerCase()}`;
  return plain(path).endsWith(plain(end));
}
