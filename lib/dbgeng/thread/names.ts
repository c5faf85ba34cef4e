/** Texts of the program's own, and names as its compiler wrote them. */
import { encodeNarrow } from "../../com/memory.ts";
import { HresultError } from "../../com/hresult.ts";
import { dbghelp } from "./dbghelp.ts";
import type { EngineObjects } from "./objects.ts";

/** Bytes of a text that are read at most. */
const LONGEST = 1024;
const CP_ACP = 0;

/** A text of 8-bit characters in the program's memory; undefined where none can be read, or it has no end. */
export function readNarrow({ spaces }: EngineObjects, address: bigint): string | undefined {
  const buffer = new Uint16Array(LONGEST);
  try {
    spaces.ReadMultiByteStringVirtualWide(address, LONGEST, CP_ACP, buffer, LONGEST);
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    return undefined;
  }
  return String.fromCharCode(...buffer.subarray(0, buffer.indexOf(0)));
}

const UNDNAME_NAME_ONLY = 0x1000;
/** `UNDNAME_NO_ARGUMENTS`: the name is a type's. */
const UNDNAME_TYPE = 0x2000;

/** A type's name as in the source: `shop::Error` for `.?AVError@shop@@`. */
export function undecorate(type: string): string {
  const { UnDecorateSymbolName } = dbghelp();
  const buffer = new Uint8Array(LONGEST);
  const name = encodeNarrow(type.replace(/^\./, ""));
  const length = UnDecorateSymbolName(name, buffer, buffer.length, UNDNAME_NAME_ONLY | UNDNAME_TYPE);
  return length === 0 ? type : new TextDecoder().decode(buffer.subarray(0, length)).replaceAll(" __ptr64", "");
}
