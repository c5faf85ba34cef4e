import assert from "node:assert/strict";
import { ComCallback } from "../../lib/com/com_callback.ts";
import { ComObject } from "../../lib/com/com_object.ts";
import { E_NOTIMPL, HresultError } from "../../lib/com/hresult.ts";
import { addressOf, readBytes } from "../../lib/com/memory.ts";
import { StructView } from "../../lib/com/struct_view.ts";
import { type BufferArgument, type InterfaceTable, IUnknown, type StringArgument } from "../../lib/com/tables.ts";

/** An interface of our own with one method for each way that an argument can cross. */
interface IFake {
  Add(Left: number, Right: number): number;
  Wide(Value: bigint): bigint;
  Text(Narrow: StringArgument, Wide: StringArgument): void;
  Split(Value: bigint): { readonly Low: number; readonly High: number };
  Fill(Buffer: BufferArgument, Size: number): void;
  Fail(): void;
  Many(A: number, B: number, C: number, D: number, E: number, F: bigint, G: number): bigint;
  Again(Inner: number): number;
}

const parameter = (name: string, kind: string): never =>
  ({ name, kind, type: kind, direction: kind.startsWith("out") ? "out" : "in" }) as never;
const method = (slot: number, ...kinds: string[]): never =>
  ({
    slot,
    result: "HRESULT",
    parameters: kinds.map((pair) => parameter(...pair.split(":") as [string, string])),
  }) as never;

const IFake: InterfaceTable<IFake> = {
  name: "IFake",
  iid: "0a0b0c0d-0102-0304-0506-0708090a0b0c",
  base: IUnknown,
  slots: 11,
  methods: {
    Add: method(3, "Left:u32", "Right:i32", "Sum:out i32"),
    Wide: method(4, "Value:u64", "Same:out u64"),
    Text: method(5, "Narrow:string", "Wide:wide"),
    Split: method(6, "Value:u64", "Low:out u32", "High:out u16"),
    Fill: method(7, "Buffer:buffer", "Size:u32"),
    Fail: method(8),
    Many: method(9, "A:u32", "B:u32", "C:u32", "D:u32", "E:u32", "F:u64", "G:i32", "Sum:out u64"),
    Again: method(10, "Inner:u32", "Depth:out u32"),
  },
};

function fake(
  handlers: Partial<IFake>,
  onError?: (error: unknown) => void,
): { callback: ComCallback<IFake>; object: ComObject & IFake } {
  const callback = new ComCallback(
    IFake,
    handlers,
    onError ? { onError, defaultResult: E_NOTIMPL } : { defaultResult: E_NOTIMPL },
  );
  return { callback, object: ComObject.from(IFake, callback.pointer).query(IFake) };
}

// The library that memory is reached by is loaded at the first use, and stays.
addressOf(new Uint8Array(1));

/** The callbacks close in a later turn of the event loop. */
async function ended(callback: ComCallback<IFake>, object: ComObject): Promise<void> {
  object[Symbol.dispose]();
  callback[Symbol.dispose]();
  await new Promise((resolve) => setTimeout(resolve, 1));
  assert.equal(callback.references, 0);
}

Deno.test("ComObject and ComCallback carry every kind of argument and result", async () => {
  const texts: unknown[] = [];
  const { callback, object } = fake({
    Add: (left, right) => left + right,
    Wide: (value) => value,
    Text: (narrow, wide) => void texts.push(narrow, wide),
    Split: (value) => ({ Low: Number(value & 0xffffffffn), High: Number(value >> 48n) }),
    Many: (a, b, c, d, e, f, g) => BigInt(a + b + c + d + e + g) + f,
  });
  assert.equal(object.Add(7, -9), -2);
  assert.equal(object.Wide(0xffff_ffff_ffff_fffen), 0xffff_ffff_ffff_fffen);
  object.Text("grüße", "世界 🚀");
  object.Text(null, "");
  assert.deepEqual(texts, ["grüße", "世界 🚀", null, ""]);
  assert.deepEqual(object.Split(0xabcd_0000_9000_0001n), { Low: 0x9000_0001, High: 0xabcd });
  assert.equal(object.Many(1, 2, 3, 4, 5, 0x1_0000_0000n, -6), 0x1_0000_0009n);
  await ended(callback, object);
});

Deno.test("ComObject passes the caller's own memory", async () => {
  const { callback, object } = fake({
    Fill: (buffer, size) => {
      assert.deepEqual([...readBytes(buffer as bigint, size)], [1, 2, 3]);
    },
  });
  const bytes = Uint8Array.of(0, 1, 2, 3).subarray(1);
  object.Fill(bytes, 3);
  object.Fill(addressOf(bytes), 3);
  await ended(callback, object);
});

Deno.test("ComObject keeps calls inside callbacks of other calls apart", async () => {
  const made: { object?: IFake } = {};
  const { callback, object } = fake({
    Again: (inner) => inner === 0 ? 0 : 1 + (made.object as IFake).Again(inner - 1),
    Add: (left, right) => left + right,
  });
  made.object = object;
  assert.equal(object.Again(5), 5);
  assert.equal(object.Add(1, 1), 2);
  await ended(callback, object);
});

Deno.test("ComObject throws the call, the code and its symbol", async () => {
  const { callback, object } = fake({});
  assert.throws(() => object.Fail(), (error: unknown) => {
    assert.ok(error instanceof HresultError);
    assert.equal(error.message, "Fail returned 0x80004001 (E_NOTIMPL)");
    assert.equal(error.hresult, E_NOTIMPL);
    return true;
  });
  assert.throws(() => object.query({ ...IFake, iid: "11111111-1111-1111-1111-111111111111" }), /E_NOINTERFACE/);
  await ended(callback, object);
});

Deno.test("ComObject refuses what native code would misread", async () => {
  const { callback, object } = fake({ Add: () => 0 });
  const untyped = object as unknown as Record<string, (...values: unknown[]) => unknown>;
  assert.throws(() => untyped["Add"]?.(1), /takes 2 arguments, not 1/);
  assert.throws(() => untyped["Add"]?.(1, "2"), /Right must be an integer, not string/);
  assert.throws(() => untyped["Wide"]?.(1), /Value must be a bigint, not number/);
  assert.throws(() => untyped["Text"]?.("a", {}), /Wide must be of kind wide, not object/);
  assert.throws(() => untyped["Text"]?.("a\0b", "c"), /Narrow holds a zero character/);
  assert.throws(() => untyped["Text"]?.("a", "b\0"), /Wide holds a zero character/);
  await ended(callback, object);
  assert.throws(() => object.Add(1, 2), /released/);
});

/** Values of each width: the least, the most, and what is beyond. */
const WIDTHS: readonly (readonly [kind: string, fits: readonly unknown[], beyond: readonly unknown[]])[] = [
  ["u8", [0, 255], [-1, 256, 1.5, NaN, 2 ** 32, Infinity]],
  ["u16", [0, 65_535], [-1, 65_536, -0.5, 2 ** 32 + 1]],
  ["u32", [0, 7, 2 ** 32 - 1], [-1, 2 ** 32, 2 ** 32 + 7, 2 ** 53, -(2 ** 31), NaN, 0.1]],
  ["i32", [0, -(2 ** 31), 2 ** 31 - 1], [2 ** 31, -(2 ** 31) - 1, 2 ** 32 - 1, -Infinity]],
  ["u64", [0n, (1n << 64n) - 1n], [-1n, 1n << 64n, (1n << 64n) + 7n, -(1n << 63n)]],
  ["i64", [-(1n << 63n), (1n << 63n) - 1n], [1n << 63n, -(1n << 63n) - 1n, 1n << 64n]],
];

for (const [kind, fits, beyond] of WIDTHS) {
  Deno.test(`ComObject and StructView take what fits into ${kind}, and cut nothing`, async () => {
    const seen: unknown[] = [];
    const table = {
      ...IFake,
      methods: { ...IFake.methods, Add: method(3, `Left:${kind}`, "Right:u32"), Wide: method(4, "Value:buffer") },
    } as typeof IFake;
    const callback = new ComCallback(table, { Add: (value: unknown) => void seen.push(value) } as never);
    const object = ComObject.from(table, callback.pointer).query(table) as unknown as ComObject & {
      Add(left: unknown, right: number): void;
      Wide(buffer: unknown): void;
    };
    const size = /64$/.test(kind) ? 8 : Number(kind.slice(1)) / 8;
    const view = new StructView(
      { name: "S", size, fields: { F: { offset: 0, size, type: "x", kind } } } as never,
    ) as never as {
      get(name: string): unknown;
      set(name: string, value: unknown): void;
    };
    for (const value of fits) {
      object.Add(value, 1);
      view.set("F", value);
      assert.equal(view.get("F"), value);
    }
    for (const value of beyond) {
      assert.throws(() => object.Add(value, 1), {
        name: "RangeError",
        message: /^Cannot call Add: Left must be an integer from /,
      });
      assert.throws(() => view.set("F", value), { name: "RangeError", message: /^Cannot write / });
    }
    assert.throws(() => object.Wide(1n << 64n), { name: "RangeError" });
    assert.deepEqual(seen, fits);
    await ended(callback as never, object);
  });
}

Deno.test("ComCallback survives a handler that throws and reports it", async () => {
  const errors: unknown[] = [];
  const { callback, object } = fake({
    Fail: () => {
      throw new Error("handler broke");
    },
  }, (error) => errors.push(error));
  assert.throws(() => object.Fail(), /E_NOTIMPL/);
  assert.match(String(errors[0]), /handler broke/);
  await ended(callback, object);
});

Deno.test("ComCallback lives until native code has released it", async () => {
  const { callback, object } = fake({ Add: (left, right) => left + right });
  callback[Symbol.dispose]();
  await new Promise((resolve) => setTimeout(resolve, 1));
  assert.equal(object.Add(2, 3), 5);
  await ended(callback, object);
});
