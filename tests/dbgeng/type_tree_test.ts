/** What damaged symbols say of types comes to an end. */
import assert from "node:assert/strict";
import { type Symbols, TAG } from "../../lib/dbgeng/thread/dbghelp.ts";
import { typeTree } from "../../lib/dbgeng/thread/types.ts";

type Facts = Readonly<Record<string, number>>;

/** Symbols by their ids: numbers, and children. */
function symbols(
  facts: Readonly<Record<number, Facts>>,
  children: Readonly<Record<number, readonly number[]>>,
): Symbols {
  return {
    number: (_module: bigint, id: number, info: string) => facts[id]?.[info],
    name: (_module: bigint, id: number) => `t${id}`,
    value: () => 1n,
    children: (_module: bigint, id: number, most: number) => (children[id] ?? []).slice(0, most),
  } as unknown as Symbols;
}

const MEMBER = { tag: TAG.data, dataKind: 7, offset: 0 };

Deno.test("a struct that holds itself, or an array of itself, is described once", () => {
  const found = typeTree(
    symbols({
      1: { tag: TAG.class, length: 8, kindOfClass: 0 },
      2: { ...MEMBER, type: 1 },
      3: { ...MEMBER, type: 4 },
      4: { tag: TAG.array, length: 8, count: 1, type: 1 },
    }, { 1: [2, 3] }),
    ...[0n, 1] as const,
  );
  assert.deepEqual(found.types.map(({ id, kind }) => [id, kind]).toSorted(), [[1, "struct"], [4, "array"]]);
  assert.deepEqual(found.types.find(({ id }) => id === 1)?.fields?.map(({ type }) => type), [1, 4]);
});

Deno.test("names and pointers that lead to themselves come to an end", () => {
  const circle = symbols({
    1: { tag: TAG.typedef, type: 1 },
    2: { tag: TAG.pointer, length: 8, type: 2 },
    3: { tag: TAG.functionType, type: 3 },
  }, { 3: [3] });
  for (const id of [1, 2]) assert.ok(typeTree(circle, 0n, id).types.length <= 2, `${id}`);
  assert.throws(() => typeTree(circle, 0n, 3), { name: "EngineError", message: /more than 100000 members/ });
});

Deno.test("types that are too many, or have too many members, are refused", () => {
  const facts: Record<number, Facts> = { 0: { tag: TAG.class, length: 8, kindOfClass: 0 } };
  const children: Record<number, number[]> = { 0: [] };
  for (let id = 1; id <= 30_000; id += 2) {
    facts[id] = { ...MEMBER, type: id + 1 };
    facts[id + 1] = { tag: TAG.class, length: 1, kindOfClass: 0 };
    children[0]?.push(id);
    children[id + 1] = Array.from({ length: 10 }, () => id);
  }
  assert.throws(() => typeTree(symbols(facts, children), 0n, 0), {
    name: "EngineError",
    message: /more than 100000 members/,
  });
});

Deno.test("an id that means nothing is a type that nothing is known of", () => {
  const { types, root } = typeTree(symbols({}, {}), 0n, 5);
  assert.deepEqual(types, [{ id: 5, size: 0, name: "t5", kind: "unknown" }]);
  assert.equal(root, 5);
});
