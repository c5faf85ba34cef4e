/** Ends of Go programs, with a table of functions as Go's linker lays it out, in a program that answers the engine's commands from its bytes. */
import assert from "node:assert/strict";
import { withGoEnds } from "../../lib/cli/go_ends.ts";
import type { SeenCrash } from "../../lib/dbgeng/crash_watch.ts";
import type { StackFrame } from "../../lib/session/engine.ts";
import type { Program } from "../../lib/session/program.ts";

const BASE = 0x400000;
const TEXT = 0x401000;
/** The range of its constants, and where in it the table is. */
const DATA = { address: 0x2000, size: 0x2000 };
const TABLE = 0x2040;

/** Each begins where the one before it ends. */
const FUNCTIONS = [
  ["runtime.exit", 0x00],
  ["runtime.fatalpanic.func2", 0x20],
  ["runtime.gopanic", 0x40],
  ["main.a function with a name that the engine shows on more than one line, as long ones are", 0x80],
  ["os.Exit", 0xc0],
] as const;
const END = 0x100;

/** A program of Go's, for 32 or 64 bits; with another magic number it is none. */
function image(pointer: 4 | 8, magic = 0xfffffff1, start = TEXT): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(0x4000);
  const view = new DataView(bytes.buffer);
  const text = (at: number, value: string): void => void bytes.set(new TextEncoder().encode(`${value}\0`), at);
  view.setUint32(0x3c, 0x80, true);
  view.setUint16(0x86, 2, true);
  view.setUint16(0x94, 0xf0, true);
  for (
    const [index, name, address, size] of [[0, ".text", 0x1000, 0x1000], [
      1,
      ".rdata",
      DATA.address,
      DATA.size,
    ]] as const
  ) {
    const at = 0x98 + 0xf0 + 40 * index;
    text(at, name);
    view.setUint32(at + 8, size, true);
    view.setUint32(at + 12, address, true);
  }
  view.setUint32(DATA.address + 0x10, magic, true); // a number that means something else
  view.setUint32(TABLE, magic, true);
  view.setUint32(TABLE + 4, pointer << 24 | 0x10000, true);
  const [names, functions] = [0x100, 0x400];
  [FUNCTIONS.length, 0, start, names, 0, 0, 0, functions].forEach((value, index) =>
    view.setUint32(TABLE + 8 + pointer * index, value, true)
  );
  let name = 0;
  FUNCTIONS.forEach(([called, entry], index) => {
    const place = 0x100 + 0x10 * index;
    view.setUint32(TABLE + functions + 8 * index, entry, true);
    view.setUint32(TABLE + functions + 8 * index + 4, place, true);
    view.setUint32(TABLE + functions + place, entry, true);
    view.setUint32(TABLE + functions + place + 4, name, true);
    text(TABLE + names + name, called);
    name += called.length + 1;
  });
  view.setUint32(TABLE + functions + 8 * FUNCTIONS.length, END, true);
  return bytes;
}

/** A program with that in its memory. */
function programOf(bytes: Uint8Array<ArrayBuffer>): Program {
  const view = new DataView(bytes.buffer);
  const word = (address: number): string => view.getUint32(address - BASE, true).toString(16).padStart(8, "0");
  const line = (address: number, what: string): string => `00000000\`${address.toString(16).padStart(8, "0")}  ${what}`;
  const numbers = (texts: readonly string[]): number[] => texts.map((text) => Number(text.replace("0n", "")));
  const execute = (command: string): Promise<string> => {
    const [name, ...words] = command.replace(" -d ", " ").replaceAll(" L", " ").split(" ");
    const [at = 0, count = 0, wanted = 0] = numbers(words);
    const lines: string[] = [];
    if (name === "dd") {
      const found = Array.from({ length: count }, (_, index) => word(at + 4 * index));
      while (found.length > 0) lines.push(line(at + 4 * lines.length * 4, found.splice(0, 4).join(" ")));
    } else if (name === "s") {
      for (let place = at; place < count; place += 4) {
        if (word(place) === wanted.toString(16)) lines.push(line(place, `${word(place)}  ....`));
      }
    } else {
      assert.equal(name, "da");
      let text = new TextDecoder().decode(bytes.subarray(at - BASE, at - BASE + count)).split("\0")[0] ?? "";
      for (; text !== ""; text = text.slice(32)) lines.push(line(at, `"${text.slice(0, 32)}"`));
    }
    return Promise.resolve(lines.join("\n") + "\n");
  };
  const module = { name: "app", imageName: "C:\\app.exe", base: BigInt(BASE), size: bytes.length };
  return { name: "app.exe", image: module, execute } as unknown as Program;
}

/** A stack of return addresses in the program, from one in the system on. */
function stackOf(...addresses: readonly number[]): StackFrame[] {
  const frame = (address: number, symbol: string): StackFrame => ({
    ...{ address: BigInt(address), returnAddress: 0n, frameAddress: 0n, stackAddress: 0n },
    ...{ symbol, displacement: BigInt(address - BASE), file: null, line: null },
  });
  return [frame(0x7fff0000, "ntdll!NtTerminateProcess"), ...addresses.map((address) => frame(address, "app"))];
}

/** What is told of an end. */
async function told(
  program: Program,
  stack: readonly StackFrame[],
  exitCodes = false,
  kind: SeenCrash["kind"] = "exit-code",
): Promise<{ kind: string; names: (string | null)[] }[]> {
  const seen: SeenCrash[] = [];
  const options = withGoEnds({ exitCodes, crash: (crash) => void seen.push(crash) });
  assert.equal(options.exitCodes, true);
  await options.crash({ program, threadId: 1, kind, stack, exitCode: 2, isOver: false });
  return seen.map(({ kind, stack }) => ({
    kind,
    names: stack.map(({ symbol, displacement }) => `${symbol}+${displacement.toString(16)}`),
  }));
}

Deno.test("a program whose functions have source lines is none of Go's: it is not searched for their table", async () => {
  const stack = stackOf(TEXT + 0x05, TEXT + 0x21).map((frame, index) =>
    index === 1 ? { ...frame, symbol: "app!main", file: "a.c" } : frame
  );
  const commands: string[] = [];
  const execute = (command: string): Promise<string> => Promise.resolve(`${commands.push(command)}`);
  const program = { ...programOf(image(8)), execute } as unknown as Program;
  assert.deepEqual(await told(program, stack, true), [{
    kind: "exit-code",
    names: stack.map(({ symbol, displacement }) => `${symbol}+${displacement.toString(16)}`),
  }]);
  assert.deepEqual(commands, []);
});

const PANIC = stackOf(TEXT + 0x05, TEXT + 0x21, TEXT + 0x80, TEXT + 0xc0, TEXT + END + 1);
const EXIT = stackOf(TEXT + 0x05, TEXT + 0xc8, TEXT + 0x88);

for (const pointer of [8, 4] as const) {
  Deno.test(`a panic of a Go program of ${8 * pointer} bits is told, with names; what it ends itself with is not`, async () => {
    const program = programOf(image(pointer));
    const [panic, ...more] = await told(program, PANIC);
    assert.deepEqual(more, []);
    assert.equal(panic?.kind, "abort");
    assert.deepEqual(panic?.names.slice(1), [
      "app!runtime.exit+5",
      "app!runtime.fatalpanic.func2+1",
      "app!runtime.gopanic+40", // it never returns: behind its call another function begins
      `app!${FUNCTIONS[3][0]}+40`,
      `app+${(TEXT + END + 1 - BASE).toString(16)}`,
    ]);
    assert.deepEqual(await told(program, EXIT), []);
    assert.deepEqual((await told(program, EXIT, true)).map(({ kind }) => kind), ["exit-code"]);
  });
}

Deno.test("a table that does not say where functions begin, as of Go 1.26, means the section of code", async () => {
  assert.deepEqual(
    await told(programOf(image(8, 0xfffffff1, 0)), PANIC),
    await told(programOf(image(8)), PANIC),
  );
});

Deno.test("other programs, and ones that cannot be read, are told as before", async () => {
  const silent = { ...programOf(image(8)), execute: () => Promise.reject(new Error("it has ended")) };
  const empty = new Uint8Array(0x4000);
  for (const program of [programOf(image(8, 0xfffffff7)), programOf(empty), silent as unknown as Program]) {
    assert.deepEqual(await told(program, PANIC), []);
    assert.deepEqual((await told(program, PANIC, true)).map(({ kind, names }) => [kind, names[1]]), [
      ["exit-code", "app+1005"],
    ]);
    assert.deepEqual((await told(program, PANIC, false, "exception")).map(({ kind }) => kind), ["exception"]);
  }
});
