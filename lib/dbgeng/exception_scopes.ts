/**
 * Which function has a `__try` around a place, as its unwind data say.
 * @module
 */
import type { StackFrame } from "../session/engine.ts";
import type { Program } from "../session/program.ts";

/** The handler of C, whose table lists the parts of a function that stand in `__try`; those of other languages take only their own exceptions. */
const C_HANDLER = /handler routine: .*(?:C_specific_handler|GSHandlerCheck_SEH).*, data ([0-9a-f]+)/i;
const UNWIND_INFO = /Unwind info at ([0-9a-f`]+), ([0-9a-f]+) bytes/i;
const UNWIND_RVA = /UnwindInfoAddress = ([0-9a-f`]+)/i;
/** Entries that are read of a table: begin, end, filter, target, 4 bytes each, as distances from the module's base. */
const MOST_ENTRIES = 256n;

/** Whether the function of a frame has a `__try` with an `__except` around the frame's place. `isCaller`: it is a return address, one behind it. */
export async function isGuarded(program: Program, { address }: StackFrame, isCaller: boolean): Promise<boolean> {
  const text = await program.execute(`.fnent 0x${address.toString(16)}`);
  const [info, size, rva, count] = [
    UNWIND_INFO.exec(text)?.[1],
    UNWIND_INFO.exec(text)?.[2],
    UNWIND_RVA.exec(text)?.[1],
    C_HANDLER.exec(text)?.[1],
  ].map((digits) => digits === undefined ? undefined : BigInt(`0x${digits.replaceAll("`", "")}`));
  if (info === undefined || size === undefined || rva === undefined || !count || count > MOST_ENTRIES) return false;
  const at = address - (info - rva) - (isCaller ? 1n : 0n);
  const words = wordsIn(await program.execute(`dd 0x${(info + size).toString(16)} L0x${(4n * count).toString(16)}`));
  for (let entry = 0; entry + 4 <= words.length; entry += 4) {
    const [begin = 0n, end = 0n, , target = 0n] = words.slice(entry, entry + 4);
    if (target !== 0n && at >= begin && at < end) return true; // without a target it is a `__finally`
  }
  return false;
}

function wordsIn(text: string): bigint[] {
  return text.split("\n").flatMap((line) => {
    const [, words = ""] = /^[0-9a-f`]+ +([0-9a-f ]+)$/i.exec(line.trim()) ?? [];
    return words.split(/ +/).filter((word) => word !== "").map((word) => BigInt(`0x${word}`));
  });
}
