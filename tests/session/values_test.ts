/** Types and values, where a real program has none of the kind: 32 bits, symbols that change, values in registers. */
import assert from "node:assert/strict";
import type { FieldRecord, LocalRecord, PlainValue, TypeRecord, TypeTree } from "../../mod.ts";
import type { Program } from "../../lib/session/program.ts";
import { readTypeName } from "../../lib/session/type_names.ts";
import { type FakeEngine, fakeSession, launched } from "./fake_engine.ts";

const INT: TypeRecord = { id: 1, kind: "integer", name: "int", size: 4, signed: true };
const LONG: TypeRecord = { id: 2, kind: "integer", name: "long long", size: 8, signed: true };
const NODE: TypeRecord = {
  id: 3,
  kind: "struct",
  name: "Node",
  size: 8,
  fields: [{ name: "next", type: 4, offset: 0 }, { name: "number", type: 1, offset: 4 }],
};
const POINTER: TypeRecord = { id: 4, kind: "pointer", name: "Node*", size: 4, target: 3 };

function tree(root: number, ...types: TypeRecord[]): TypeTree {
  return { module: 0x1000n, root, types };
}

/** With memory in which each byte is the last digit of its address. */
async function withProgram(act: (program: Program, engine: FakeEngine) => Promise<void>): Promise<void> {
  const { session, engine } = fakeSession();
  await using _ = session;
  answerReads(engine, (at) => Number(at % 10n));
  await act(await launched(session, engine, 7), engine);
}

/** Each byte by its address; what is read again comes the same way. */
function answerReads(engine: FakeEngine, byteAt: (address: bigint) => number): void {
  const read = (_focus: unknown, address: bigint, length: number): Uint8Array<ArrayBuffer> =>
    Uint8Array.from({ length }, (_, index) => byteAt(address + BigInt(index)));
  engine.answers.read = read;
  engine.answers.readWithPage = (...values) => ({ bytes: read(...values), page: null });
}

for (
  const [name, base, suffixes] of [
    ["int", "int", []],
    ["app!Order*", "app!Order", ["*"]],
    ["app!Order * *", "app!Order", ["*", "*"]],
    ["app!Order*[3]", "app!Order", ["*", 3]],
    ["int[2][3]", "int", [3, 2]],
    ["int[2][3]*[4][5]", "int", [3, 2, "*", 5, 4]],
    ["app!Box<int*,2>", "app!Box<int*,2>", []],
    ["app!Box<int[2]>[2]", "app!Box<int[2]>", [2]],
    ["int[-1]", "int[-1]", []],
    ["const char*", "char", ["*"]],
    ["char const * const [2]", "char", ["*", 2]],
    ["const volatile app!Order * volatile*", "app!Order", ["*", "*"]],
    ["app!constant", "app!constant", []],
  ] as const
) {
  Deno.test(`the type ${name} is ${base} with ${JSON.stringify(suffixes)}`, () => {
    assert.deepEqual(readTypeName(name), { base, suffixes });
  });
}

Deno.test("an array of arrays has the dimensions that C gives it", async () => {
  await withProgram(async (program) => {
    const { type } = await program.value("int[2][3]", 0n).resolve();
    assert.deepEqual([type.name, type.size, type.count], ["int[2][3]", 24, 2]);
    assert.deepEqual([type.target?.name, type.target?.size, type.target?.count], ["int[3]", 12, 3]);
    assert.deepEqual(await program.value("uint8_t[2][3]", 10n).read(), [
      Uint8Array.of(0, 1, 2),
      Uint8Array.of(3, 4, 5),
    ]);
    assert.equal(await program.value("uint8_t[2][3]", 10n).at(1).at(2).read(), 5);
  });
});

Deno.test("a pointer of four bytes is followed by four bytes", async () => {
  await withProgram(async (program, engine) => {
    engine.answers.variable = () => ({ ...tree(3, NODE, POINTER, INT), address: 0x20n });
    const node = await program.variable("app!g_node");
    answerReads(engine, (at) => at >= 0x20n && at < 0x24n ? 0x80 : 7);
    const next = await node.field("next").deref().resolve();
    assert.equal(next.address, 0x8080_8080n);
    assert.equal(await next.field("number").read(), 0x0707_0707);
  });
});

Deno.test("a type whose id means another one since its symbols were loaded anew is refused", async () => {
  await withProgram(async (program, engine) => {
    const { fields: _, ...named } = NODE;
    engine.answers.variable = () => ({ ...tree(4, POINTER, named), address: 0x20n });
    const pointer = await program.variable("app!g_node");
    engine.answers.type = () => tree(3, { ...NODE, name: "Other" }, POINTER, INT);
    const again = { name: "EngineError", message: /loaded anew; look the value up again/ };
    await assert.rejects(pointer.deref().read(), again);
    engine.answers.type = () => null;
    await assert.rejects(pointer.field("number").read(), again);
    engine.answers.type = () => tree(3, NODE, POINTER, INT);
    assert.equal(typeof await pointer.field("number").read(), "number");
  });
});

Deno.test("a value in a register is read as far as it is there, and not where it may not be told", async () => {
  await withProgram(async (program, engine) => {
    const bytes = new Uint8Array(16);
    new DataView(bytes.buffer).setBigInt64(0, -5n, true);
    const local = (rest: Partial<LocalRecord>, types = tree(2, LONG)): LocalRecord => ({
      name: "n",
      kind: "local",
      ...types,
      ...rest,
    });
    const failed = { name: "NotCapable", message: "Requires control access" };
    const large: TypeRecord = { ...NODE, size: 24, fields: [{ name: "n", type: 2, offset: 16 }] };
    engine.answers.locals = () => [
      local({ register: { name: "rsi", bytes } }),
      local({ register: { name: "rsi", failed } }),
      local({}),
      local({ register: { name: "rsi", bytes } }, tree(3, large, LONG)),
    ];
    const values = (await program.thread(1).locals()).map(({ value }) => value);
    assert.equal(await values[0]?.read(), -5n);
    assert.deepEqual([values[0]?.register, values[0]?.address], ["rsi", undefined]);
    await assert.rejects(values[1]?.read() ?? Promise.resolve(), failed);
    assert.equal(values[2], undefined);
    const part = { name: "EngineError", message: /only a part of it is in register rsi/ };
    await assert.rejects(values[3]?.read() ?? Promise.resolve(), part);
    await assert.rejects(values[3]?.field("n").read() ?? Promise.resolve(), part);
    assert.equal(engine.log.filter((line) => line.startsWith("read")).length, 0);
  });
});

Deno.test("only what is made of bits is told as several flags", async () => {
  await withProgram(async (program, engine) => {
    const values = (...names: string[]) =>
      names.map((name, index) => [name, name === "None" ? 0n : 1n << BigInt(index - 1)] as const);
    const state: TypeRecord = {
      id: 1,
      kind: "enumeration",
      name: "S",
      size: 1,
      values: [["Idle", 0n], ["Runs", 1n], ["Stopped", 2n]],
    };
    const flags: TypeRecord = {
      id: 1,
      kind: "enumeration",
      name: "F",
      size: 1,
      values: [...values("None", "A", "B", "C"), ["AToo", 1n]],
    };
    answerReads(engine, () => 3);
    for (const [type, name] of [[state, null], [flags, "A | B"]] as const) {
      engine.answers.variable = () => ({ ...tree(1, type), address: 0x4000n });
      assert.deepEqual(await (await program.variable("app!g")).read(), { name, value: 3 });
    }
  });
});

Deno.test("what symbols only name is not read", async () => {
  await withProgram(async (program, engine) => {
    engine.answers.variable = () => ({
      ...tree(1, { id: 1, kind: "struct", name: "Hidden", size: 0, fields: [] }),
      address: 0x4000n,
    });
    await assert.rejects((await program.variable("app!g")).read(), {
      name: "EngineError",
      message: /only name it; cast\(\)/,
    });
  });
});

Deno.test("texts of every width are read up to their zero", async () => {
  await withProgram(async (program, engine) => {
    const hold = (at: bigint, ...bytes: number[]): void => answerReads(engine, (each) => bytes[Number(each - at)] ?? 0);
    hold(0x1000n, 0xc3, 0xbc, 0x62, 0, 0x63);
    assert.equal(await program.value("char[8]", 0x1000n).read(), "\u00fcb");
    assert.equal(await program.value("char[2]", 0x1000n).text(), "\u00fc");
    hold(0x2000n, 0x3d, 0xd8, 0, 0xde, 0, 0, 1, 0);
    assert.equal(await program.value("wchar_t[4]", 0x2000n).read(), "\u{1f600}");
    hold(0x3000n, 0, 0xf6, 1, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);
    assert.equal(await program.value("char32_t[4]", 0x3000n).read(), "\u{1f600}\ufffd");
  });
});

Deno.test("a text that nothing ends is refused, and one in a long array ends with its zero", async () => {
  await withProgram(async (program, engine) => {
    answerReads(engine, (at) => at < 0x14000n ? 0x41 : 0);
    assert.equal((await program.value("char[200000]", 0x5000n).text()).length, 0xf000);
    await assert.rejects(program.value("char[200000]", 0x1000n).text(), {
      name: "RangeError",
      message: /no zero ends it/,
    });
    assert.equal((await program.value("char[200000]", 0x1000n).text({ length: 60_000 })).length, 60_000);
  });
});

Deno.test("a text of 32 bits to the character is written with its zero", async () => {
  await withProgram(async (program, engine) => {
    const written: Uint8Array[] = [];
    engine.answers.write = (_focus, _address, bytes) => void written.push(bytes);
    await program.value("char32_t[3]", 0x1000n).write("\u{1f600}b");
    assert.deepEqual(written, [Uint8Array.of(0, 0xf6, 1, 0, 0x62, 0, 0, 0, 0, 0, 0, 0)]);
    await assert.rejects(program.value("char32_t[2]", 0x1000n).write("ab"), RangeError);
  });
});

Deno.test("what ends a struct without a count has as many elements as are asked for", async () => {
  await withProgram(async (program, engine) => {
    const array: TypeRecord = { id: 5, kind: "array", name: "int[0]", size: 0, target: 1, count: 0 };
    const packet: TypeRecord = { ...NODE, id: 6, name: "Packet", fields: [{ name: "data", type: 5, offset: 4 }] };
    engine.answers.variable = () => ({ ...tree(6, packet, array, INT), address: 0x20n });
    const data = (await program.variable("app!g_packet")).field("data");
    assert.equal((await data.at(3).resolve()).address, 0x30n);
    assert.throws(() => data.at(-1), { name: "RangeError", message: /as many as its program knows/ });
  });
});

/** Bases that are there once, over bases that are there once: there are 2 ** levels ways to the first. */
function diamonds(levels: number): TypeRecord[] {
  const base = (type: number, index: number): FieldRecord => ({
    name: `T${type}`,
    type,
    offset: 0,
    isBase: true,
    virtual: { pointer: 0, index },
  });
  const of = (id: number, ...fields: FieldRecord[]): TypeRecord => ({
    id,
    kind: "struct",
    name: `T${id}`,
    size: 16,
    fields: [...fields, { name: `m${id}`, type: 1, offset: 8 }],
  });
  const types = [INT, of(10)];
  for (let level = 0; level < levels; level++) {
    const id = 10 + 3 * level;
    types.push(of(id + 1, base(id, 1)), of(id + 2, base(id, 1)), of(id + 3, base(id + 1, 2), base(id + 2, 3)));
  }
  return types;
}

Deno.test("a member behind a million ways is found once, and told once", async () => {
  await withProgram(async (program, engine) => {
    const types = diamonds(20);
    engine.answers.variable = () => ({ ...tree(70, ...types), address: 0x1000n });
    answerReads(engine, (at) => at % 0x10n < 8n ? 0 : Number(at % 0x10n)); // all tables are at 0, and say 0
    const value = await program.variable("app!g_deep");
    const read = await value.read() as Record<string, PlainValue>;
    assert.deepEqual(Object.keys(read).toSorted(), types.slice(1).map(({ id }) => `m${id}`).toSorted());
    assert.equal(await value.field("m10").read(), read["m10"]);
    assert.equal(await value.field("T10::m10").read(), read["m10"]);
    assert.throws(() => value.field("m9"), { name: "TypeError", message: /none of that name/ });
  });
});

Deno.test("types that hold themselves, as damaged symbols say, are refused", async () => {
  await withProgram(async (program, engine) => {
    const itself: TypeRecord = { ...NODE, fields: [{ name: "inner", type: 3, offset: 0 }] };
    const array: TypeRecord = { id: 5, kind: "array", name: "X[1]", size: 4, target: 5, count: 1 };
    const chain = Array.from({ length: 300 }, (_, index): TypeRecord => ({
      ...NODE,
      id: 400 - index,
      fields: [{ name: "inner", type: 399 - index, offset: 0 }],
    }));
    for (const types of [[itself], [array], chain, chain.toReversed()]) {
      engine.answers.variable = () => ({ ...tree(types[0]?.id ?? 0, ...types), address: 0x20n });
      await assert.rejects(program.variable("app!g_x"), {
        name: "EngineError",
        message: /by its symbols it holds itself/,
      });
    }
  });
});
