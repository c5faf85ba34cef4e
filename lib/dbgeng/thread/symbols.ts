/** Which function and which source line an address is in. */
import { type EngineObjects, readText } from "./objects.ts";

/** `INLINE_FRAME_CONTEXT_IGNORE`: the function that has the code, whatever was inlined into it. */
const NOT_INLINED = 0xffff_ffff;

/** A symbol, and how many bytes behind its start. */
export interface Name {
  readonly symbol: string;
  readonly displacement: bigint;
}

/** The symbol at or before an address; null where there is none. A frame's context tells which of the functions inlined there is meant. */
export function nameAt({ symbols }: EngineObjects, address: bigint, context = NOT_INLINED): Name | null {
  let displacement = 0n;
  try {
    const symbol = readText((buffer, size) => {
      const result = symbols.GetNameByInlineContextWide(address, context, buffer, size);
      displacement = BigInt.asIntN(64, result.Displacement);
      return result.NameSize;
    });
    return displacement < 0n ? null : { symbol, displacement }; // below zero: only a later symbol is known
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
