/** Which function and which source line an address is in. */
import { reaches } from "./functions.ts";
import { moduleAt } from "./modules.ts";
import { type EngineObjects, readText } from "./objects.ts";

/** The second byte of a frame's inline context: `STACK_FRAME_TYPE_…` of dbghelp.h. */
const INLINE = 0x02;
const RETURN_ADDRESS = 0x80;
/** `INLINE_FRAME_CONTEXT_IGNORE`: the function that has the code, whatever was inlined into it. */
const NOT_INLINED = 0xffff_ffff;

/** Whether a frame is that of an inlined function. */
export function isInlined(context: number): boolean {
  return context !== NOT_INLINED && (context >>> 8 & INLINE) !== 0;
}

/** Whether a frame is at an address to return to, behind the call. */
export function isAtReturn(context: number): boolean {
  return (context >>> 8 & RETURN_ADDRESS) !== 0;
}

/** A symbol, and how many bytes behind its start. */
export interface Name {
  readonly symbol: string;
  readonly displacement: bigint;
}

/** Stands in what the engine calls an address before the first symbol. */
const BEFORE_FIRST = " <PERF> (";

/** What an address is in: function or variable, else the module; null outside of all modules. */
export function nameAt(objects: EngineObjects, address: bigint): Name | null {
  return nameInFrame(objects, address, NOT_INLINED);
}

/** The same for a frame, whose context tells which of the functions that were inlined there is meant. */
export function nameInFrame(objects: EngineObjects, address: bigint, context: number): Name | null {
  const name = closest(objects, address, context);
  const module = moduleAt(objects, address);
  const { displacement, symbol } = name ?? { displacement: -1n, symbol: "" };
  if (!module) return displacement < 0n ? null : name;
  const isSymbol = displacement >= 0n && symbol.includes("!") && !symbol.includes(BEFORE_FIRST);
  if (isSymbol && (isInlined(context) || reaches(objects, module.base, address - displacement, address))) return name;
  return { symbol: module.name, displacement: address - module.base };
}

/** The closest symbol, which may be far off, or behind the address. */
function closest({ symbols }: EngineObjects, address: bigint, context: number): Name | null {
  let displacement = 0n;
  try {
    const symbol = readText((buffer, size) => {
      const result = symbols.GetNameByInlineContextWide(address, context, buffer, size);
      displacement = BigInt.asIntN(64, result.Displacement);
      return result.NameSize;
    });
    return { symbol, displacement };
  } catch {
    return null;
  }
}

/** The source line that an instruction was compiled from; nulls where symbols do not tell. */
export function lineAt(
  { symbols }: EngineObjects,
  address: bigint,
  context: number,
): { readonly file: string | null; readonly line: number | null } {
  let line = 0;
  try {
    const file = readText((buffer, size) => {
      const result = symbols.GetLineByInlineContextWide(address, context, buffer, size);
      line = result.Line;
      return result.FileSize;
    });
    return { file, line };
  } catch {
    return { file: null, line: null };
  }
}
