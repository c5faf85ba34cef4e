/** What `values.exe` says of itself, and whether a session sees the same. */
import assert from "node:assert/strict";
import type {
  LaunchOptions,
  PlainValue,
  Program,
  ProgramView,
  SessionManager,
  ThreadView,
  Type,
  TypedValue,
} from "../../mod.ts";

/** One line of the program's: what it is about, and how that is. */
type Line = Readonly<Record<string, string | number | readonly string[]>>;

/** All that a program has said, by what it is about. */
export class Truth {
  readonly #lines: Line[] = [];

  /** Takes a debug string. */
  readonly listen = ({ text }: { readonly text: string }): void => {
    if (text.startsWith("{")) this.#lines.push(JSON.parse(text));
  };

  /** What it has said so far, whatever comes. */
  soFar(): Truth {
    const truth = new Truth();
    truth.#lines.push(...this.#lines);
    return truth;
  }

  /** Everything, in order. */
  get lines(): readonly Line[] {
    return this.#lines;
  }

  /** The lines that say a thing. */
  about(what: string): Line[] {
    return this.#lines.filter((line) => what in line);
  }

  /** An address by the name of what has it. */
  address(what: string, name: string): bigint {
    const line = this.about(what).find((each) => each[what] === name);
    assert.ok(line, `${name} was said`);
    return BigInt(`0x${line["address"] ?? line["to"]}`);
  }
}

/** What is done with the program stopped among its locals, and all that it has said until then. */
export type Check = (program: Program, threadId: number, truth: Truth) => Promise<void>;

/** Launches `values.exe` and does it once, where the program stops; gives all that it said up to its end. */
export async function withValues(
  session: SessionManager,
  command: readonly string[],
  check: Check,
  options: LaunchOptions = {},
): Promise<Truth> {
  const truth = new Truth();
  session.on("output", truth.listen);
  let checked = 0;
  session.on("exception", async ({ program, threadId }) => {
    await check(program, threadId, truth);
    checked++;
    return "goHandled" as const;
  });
  const program = await session.launch(command, options);
  const end = await program.run();
  assert.deepEqual([checked, end.exitCode], [1, 0]);
  return truth;
}

/** A stopped program, or a dump of one. */
type Scene = ProgramView & { thread(threadId: number): ThreadView };

/** The type as symbols call it. */
function full(name: unknown): string {
  return `values!shop::${name}`;
}

/** Compares all of it. The program is stopped in `look`. */
export async function checkEverything(program: Scene, threadId: number, truth: Truth): Promise<void> {
  await checkTypes(program, truth);
  await checkBits(program, truth);
  await checkBases(program, truth);
  await checkPlaces(program, threadId, truth);
  await checkContents(program, threadId, truth);
}

async function checkTypes(program: Scene, truth: Truth): Promise<void> {
  const sizes = truth.about("type");
  assert.equal(sizes.length, 14);
  for (const { type, size } of sizes) {
    const found = await program.type(full(type));
    assert.deepEqual([found.name, found.size], [`shop::${type}`, size]);
  }
  const said = truth.about("field");
  assert.equal(said.length, 43);
  for (const { of, field, offset, size } of said) {
    const found = fieldOf(await program.type(full(of)), field);
    assert.deepEqual([found.offset, found.type.size, found.isBase], [offset, size, false], `${of}.${field}`);
  }
  const order = await program.type(full("Order"));
  const names = said.filter(({ of }) => of === "Order").map(({ field }) => field);
  const all = order.fields.map(({ name }) => name);
  assert.deepEqual(all.filter((name) => name !== "origin"), names); // of a reference no offset can be taken
  // As values.cpp writes them.
  const enumerations = {
    Color: { Red: 1n, Green: 2n, Blue: 4n },
    Sign: { Minus: -5n, None: -4n, Plus: 7n },
    Large: { Small: 1n, Huge: 0xfedcba9876543210n },
  };
  for (const [name, values] of Object.entries(enumerations)) {
    const { enumerators } = await program.type(full(name));
    assert.deepEqual(Object.fromEntries(enumerators.map(({ name, value }) => [name, value])), values);
  }
  const { sign, color, unknown, large } = await (await program.variable("values!g_order")).read() as Record<
    string,
    unknown
  >;
  assert.deepEqual([sign, color, unknown, large], [
    { name: "Minus", value: -5 },
    { name: "Green", value: 2 },
    { name: "Red | Green | Blue", value: 7 },
    { name: "Huge", value: 0xfedcba9876543210n },
  ]);
}

function fieldOf(type: Type, name: unknown): Type["fields"][number] {
  const found = type.fields.find((field) => field.name === name);
  assert.ok(found, `${type} has ${name}`);
  return found;
}

async function checkBits(program: Scene, truth: Truth): Promise<void> {
  const type = await program.type(full("Flags"));
  const said = truth.about("bits");
  assert.equal(said.length, 5);
  for (const { bits, words } of said) {
    const { offset = 0, bits: found } = fieldOf(type, bits);
    const set = (words as readonly string[]).reduce(
      (sum, word, index) => sum | BigInt(`0x${word}`) << BigInt(64 * index),
      0n,
    );
    assert.ok(found, `${bits} is a bit field`);
    assert.equal(((1n << BigInt(found.length)) - 1n) << BigInt(8 * offset + found.position), set, `${bits}`);
  }
}

async function checkBases(program: Scene, truth: Truth): Promise<void> {
  for (const { of, base, offset } of truth.about("base")) {
    const value = await program.variable(`values!g_${String(of).toLowerCase()}`);
    const part = await value.field(`shop::${base}`).resolve();
    assert.equal((part.address ?? 0n) - (value.address ?? 0n), BigInt(offset as number), `${base} of ${of}`);
  }
  const { fields } = await program.type(full("Both"));
  assert.deepEqual(fields.map(({ name, isBase, offset }) => [name, isBase, offset !== undefined]), [
    ["shop::Left", true, true],
    ["shop::Right", true, true],
    ["shop::Base", true, false],
    ["both", false, true],
  ]);
}

async function checkPlaces(program: Scene, threadId: number, truth: Truth): Promise<void> {
  const variables = truth.about("variable");
  assert.equal(variables.length, 13);
  for (const { variable, address, size } of variables) {
    const { type, address: found } = await program.variable(`values!${variable}`);
    assert.deepEqual([found, type.size], [BigInt(`0x${address}`), size], `${variable}`);
  }
  const locals = await program.thread(threadId).locals();
  const said = truth.about("local");
  assert.equal(said.length, 12);
  const innermost = truth.address("block", "sum");
  for (const { local, address, size } of said) {
    const wanted = BigInt(`0x${address}`);
    const all = locals.filter(({ name }) => name === local);
    const found = all.at(-1);
    assert.deepEqual([found?.value?.address, found?.value?.type.size], [wanted, size], `${local}`);
    assert.equal(all.length, local === "sum" ? 2 : 1);
    if (local === "sum") assert.equal(all[0]?.value?.address, innermost);
  }
  const parameters = locals.filter(({ kind }) => kind === "parameter").map(({ name }) => name);
  assert.deepEqual(parameters, ["count", "order", "by_value", "name", "last", "ratio", "node"]);
  const callers = (await program.thread(threadId).locals(1)).map(({ name }) => name);
  assert.deepEqual(callers.toSorted(), ["all", "count", "nodes", "result", "words"]);
}

async function checkContents(program: Scene, threadId: number, truth: Truth): Promise<void> {
  const locals = await program.thread(threadId).locals();
  const lines = truth.about("value");
  assert.equal(lines.length, 105);
  for (const { value: path, is } of lines) {
    const [first = "", ...rest] = String(path).replace(/^&/, "").match(/shop::\w+::\w+|\w+|\[\d+\]/g) ?? [];
    const isReference = String(path).startsWith("&");
    const root: TypedValue = locals.find(({ name }) => name === first)?.value ??
      await program.variable(`values!${first}`);
    assert.equal(told(rest.reduce<PlainValue>(part, await root.read())), said(String(is)), `${path}, by the whole`);
    const alone = rest.reduce(
      (value, step) => step.startsWith("[") ? value.at(Number(step.slice(1, -1))) : value.field(step),
      root,
    );
    if (!isReference) assert.equal(told(await alone.read()), said(String(is)), `${path}, alone`);
  }
}

function part(value: PlainValue, step: string): PlainValue {
  return (value as Record<string, PlainValue>)[step.replaceAll(/[[\]]/g, "")] as PlainValue;
}

/** As the program says it. */
function told(value: PlainValue): string {
  if (typeof value === "object" && value !== null && "value" in value) return String(value.value);
  return String(value);
}

/** C writes exponents with three digits. */
function said(text: string): string {
  return /^-?[\d.]+e[+-]\d+$/.test(text) ? String(Number(text)) : text;
}

/** What the program holds, by path, as it said it behind a mark. */
export function contentsOf({ lines }: Truth, mark: string): ReadonlyMap<string, string> {
  const from = lines.findIndex((line) => mark in line);
  assert.ok(from >= 0, `${mark} was said`);
  return new Map(
    lines.slice(from).flatMap(({ value, is }) => value === undefined ? [] : [[String(value), String(is)]]),
  );
}
