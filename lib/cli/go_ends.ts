/**
 * Ends of Go programs. Their runtime ends a program for a panic that nobody took, and for a fatal error, as `os.Exit(2)` would, mostly without an
 * exception; and it has no symbols that the engine reads. What tells them apart is on the stack, whose functions are named by a table that every Go
 * program carries, one without debug information too.
 * @module
 */
import type { CrashWatchOptions, SeenCrash } from "../dbgeng/crash_watch.ts";
import type { StackFrame } from "../session/engine.ts";
import type { Program } from "../session/program.ts";

/** Functions of the runtime that end a program because of an error: src/runtime/panic.go and signal_windows.go. */
const FATAL = /!runtime\.(fatalpanic|fatalthrow|winthrow|badsystemstack)(\.|$)/;
/** What is between one of these and the function at fault. */
export const GO_PANICS: RegExp = /!runtime\.(gopanic|throw|fatal\w*|panic\w*|goPanic\w*|sigpanic\w*)(\.|$)/;
/** The most frames that are named. */
const FRAMES = 64;

/** Has those ends told as giving up, and functions of Go programs named on the stacks of all that is told. */
export function withGoEnds(options: CrashWatchOptions): CrashWatchOptions {
  return {
    ...options,
    exitCodes: true,
    async crash(seen): Promise<void> {
      const { program, kind } = seen;
      const stack = await namedByGo(program, seen.stack).catch(() => seen.stack); // one that ends may not let itself be read
      const isFatal = kind === "exit-code" && stack.some(({ symbol }) => FATAL.test(symbol ?? ""));
      const told: SeenCrash = { ...seen, stack, ...(isFatal ? { kind: "abort" } : {}) };
      if (told.kind !== "exit-code" || options.exitCodes) await options.crash(told);
    },
  };
}

/** The same stack, with names where the program is one of Go's. */
async function namedByGo(program: Program, stack: readonly StackFrame[]): Promise<readonly StackFrame[]> {
  const { base, size } = program.image;
  const isInImage = ({ address }: StackFrame): boolean => address >= base && address < base + BigInt(size);
  const isOwn = (frame: StackFrame): boolean => isInImage(frame) && !frame.symbol?.includes("!");
  // Lines come from a PDB, and Go's linker writes none: there is no table to look for.
  const hasLines = stack.some((frame) => isInImage(frame) && frame.file !== null);
  if (hasLines || !stack.some(isOwn)) return stack;
  const table = await GoTable.find(program);
  if (!table) return stack;
  const named: StackFrame[] = [];
  for (const [index, frame] of stack.entries()) {
    const name = index < FRAMES && isOwn(frame) ? await table.functionAt(frame.address, index > 0) : undefined;
    const module = frame.symbol ?? program.image.name;
    named.push(name ? { ...frame, symbol: `${module}!${name.name}`, displacement: name.displacement } : frame);
  }
  return named;
}

/** A function, and how far into it. */
interface Named {
  readonly name: string;
  readonly displacement: bigint;
}

/** How the table begins, from Go 1.18 and 1.20 on: src/internal/abi/symtab.go. */
const MAGICS = [0xfffffff1n, 0xfffffff0n];
/** Two zeros, the size of an instruction, and that of a pointer, as one word. */
const KINDS: ReadonlyMap<bigint, 4 | 8> = new Map([[0x08010000n, 8], [0x04010000n, 4]]);
/** A function's name is read so far, in decimal for the engine: it may take a number as hexadecimal. */
const MOST_NAME = "0n256";

/** The table of a program: src/runtime/symtab.go, pcHeader. It is read by commands, which a confined script may have a right to. */
class GoTable {
  readonly #program: Program;
  readonly #names: bigint;
  readonly #functions: bigint;
  readonly #text: bigint;
  readonly #count: bigint;

  /** `code`: where functions begin. Go 1.26 says that no more. */
  private constructor(program: Program, code: bigint, base: bigint, fields: readonly bigint[]) {
    const [count = 0n, , text = 0n, names = 0n, , , , functions = 0n] = fields;
    this.#program = program;
    this.#count = count;
    this.#text = text || code;
    this.#names = base + names;
    this.#functions = base + functions;
  }

  /** Looks for it; undefined in a program that is none of Go's. */
  static async find(program: Program): Promise<GoTable | undefined> {
    const data = await sectionOf(program, CONSTANTS);
    const code = await sectionOf(program, CODE);
    if (!data || !code) return undefined;
    for (const magic of MAGICS) {
      const found = await program.execute(`s -d ${hex(data.address)} ${hex(data.end - 1n)} ${hex(magic)}`);
      for (const [, digits = ""] of found.matchAll(/^([\da-f`]+) /gmi)) {
        const at = BigInt(`0x${digits.replaceAll("`", "")}`);
        const pointer = KINDS.get((await words(program, at + 4n, 1n))[0] ?? 0n);
        if (pointer === undefined) continue;
        const fields = await words(program, at + 8n, BigInt(8 * pointer) / 4n);
        const joined = pointer === 4
          ? fields
          : fields.flatMap((low, index) => index % 2 === 0 ? [low | (fields[index + 1] ?? 0n) << 32n] : []);
        return new GoTable(program, code.address, at, joined);
      }
    }
    return undefined;
  }

  /** The function that an instruction is in. `isCaller`: it is a return address, one behind it. */
  async functionAt(address: bigint, isCaller: boolean): Promise<Named | undefined> {
    const wanted = address - this.#text - (isCaller ? 1n : 0n);
    if (wanted < 0n) return undefined;
    let [first, last] = [0n, this.#count - 1n];
    while (first < last) {
      const middle = (first + last + 1n) / 2n;
      if (await this.#entry(middle) <= wanted) first = middle;
      else last = middle - 1n;
    }
    const [entry = 0n, place = 0n] = await words(this.#program, this.#functions + 8n * first, 2n);
    const [end] = await words(this.#program, this.#functions + 8n * (first + 1n), 1n);
    if (entry > wanted || end === undefined || wanted >= end) return undefined;
    const [, name = 0n] = await words(this.#program, this.#functions + place, 2n);
    const text = await this.#program.execute(`da ${hex(this.#names + name)} L${MOST_NAME}`);
    const read = [...text.matchAll(/^[\da-f`]+ +"(.*)"/gim)].map(([, part]) => part).join("");
    return read === "" ? undefined : { name: read, displacement: address - this.#text - entry };
  }

  async #entry(index: bigint): Promise<bigint> {
    return (await words(this.#program, this.#functions + 8n * index, 1n))[0] ?? 0n;
  }
}

/** Names of sections as two words: `.text` has the functions, `.rdata` the table. */
const CODE = [0x7865742en, 0x74n];
const CONSTANTS = [0x6164722en, 0x6174n];
const SECTION_WORDS = 10;

/** A section that is loaded. */
interface Section {
  readonly address: bigint;
  readonly end: bigint;
}

/** A program's section of a name, by the headers in its memory; undefined without. */
async function sectionOf(program: Program, wanted: readonly bigint[]): Promise<Section | undefined> {
  const { base } = program.image;
  const [start = 0n] = await words(program, base + 0x3cn, 1n);
  const [, counts = 0n, , , , sizes = 0n] = await words(program, base + start, 6n);
  const first = base + start + 0x18n + (sizes & 0xffffn);
  const sections = await words(program, first, BigInt(SECTION_WORDS) * (counts >> 16n));
  for (let at = 0; at < sections.length; at += SECTION_WORDS) {
    const [name, more, size = 0n, address = 0n] = sections.slice(at, at + SECTION_WORDS);
    if (name !== wanted[0] || more !== wanted[1] || size === 0n) continue;
    return { address: base + address, end: base + address + size };
  }
  return undefined;
}

/** Words of memory, 4 bytes each. */
async function words(program: Program, address: bigint, count: bigint): Promise<bigint[]> {
  const text = await program.execute(`dd ${hex(address)} L${hex(count)}`);
  return text.split("\n").flatMap((line) => {
    const [, found = ""] = /^[\da-f`]+ +([\da-f ]+)$/i.exec(line.trim()) ?? [];
    return found.split(/ +/).filter((word) => word !== "").map((word) => BigInt(`0x${word}`));
  });
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
