import assert from "node:assert/strict";
import { type InterfaceTable, IUnknown, type StructTable } from "../../lib/com/tables.ts";
import * as constants from "../../lib/dbgeng/generated/constants.ts";
import * as interfaces from "../../lib/dbgeng/generated/interfaces.ts";
import { STATUS_NAMES } from "../../lib/com/generated/status_names.ts";
import * as structs from "../../lib/dbgeng/generated/structs.ts";

const TABLES: readonly InterfaceTable[] = Object.values(interfaces);
const STRUCTS: readonly StructTable[] = Object.values(structs);

const METHODS = TABLES.flatMap((table) =>
  Object.entries(table.methods).map(([name, method]) => ({
    label: `${table.name}::${name}`,
    ...method,
  }))
);

Deno.test("interface tables are 51, with 635 methods of their own", () => {
  assert.equal(TABLES.length, 51);
  assert.equal(METHODS.length, 635);
  assert.equal(TABLES.reduce((sum, { slots }) => sum + slots, 0), 2827);
});

Deno.test("interface tables have names of their exports", () => {
  for (const [name, table] of Object.entries<InterfaceTable>(interfaces)) {
    assert.equal(table.name, name);
  }
});

Deno.test("IIDs are well-formed and unique", () => {
  const iids = [IUnknown, ...TABLES].map((each) => each.iid);
  assert.equal(new Set(iids).size, 52);
  for (const iid of iids) {
    assert.match(iid, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  }
});

Deno.test("slots follow those of the base without a gap", () => {
  for (const { name, base, slots, methods } of TABLES) {
    assert.ok(base !== null, name);
    const own = Object.values(methods).map((each) => each.slot);
    const expected = own.map((_, index) => base.slots + index);
    assert.deepEqual(own, expected, name);
    assert.equal(slots, base.slots + own.length, name);
  }
});

Deno.test("no interface repeats a method of its base", () => {
  for (const { name, base, methods } of TABLES) {
    for (let from = base; from !== null; from = from.base) {
      const repeated = Object.keys(methods).filter((each) => each in from.methods);
      assert.deepEqual(repeated, [], `${name} and ${from.name}`);
    }
  }
});

Deno.test("sizes and written counts name parameters of their method", () => {
  for (const { label, parameters } of METHODS) {
    const names = new Set(parameters.map((each) => each.name));
    assert.equal(names.size, parameters.length, label);
    for (const { size, unit, written } of parameters) {
      assert.equal(size === undefined, unit === undefined, label);
      if (size !== undefined) assert.ok(names.has(size), label);
      if (written !== undefined) {
        assert.ok(names.has(written.replace(/^\*/, "")), label);
      }
    }
  }
});

Deno.test("only what is given back is of an out kind", () => {
  for (const { label, parameters } of METHODS) {
    for (const { kind, direction, size } of parameters) {
      const isGivenBack = kind.startsWith("out ");
      if (isGivenBack) assert.equal(direction, "out", label);
      if (isGivenBack) assert.equal(size, undefined, label);
      if (direction !== "in" && !isGivenBack) {
        assert.equal(kind, "buffer", label);
      }
    }
  }
});

Deno.test("IDebugClient tells how AttachProcess is called", () => {
  const { slot, parameters } = interfaces.IDebugClient.methods["AttachProcess"] ??
    assert.fail();
  assert.equal(slot, 12);
  assert.deepEqual(parameters.map(({ name, kind }) => [name, kind]), [
    ["Server", "u64"],
    ["ProcessId", "u32"],
    ["AttachFlags", "u32"],
  ]);
});

Deno.test("only the output methods are variadic", () => {
  const variadic = METHODS.filter((each) => each.variadic).map((each) => each.label);
  assert.deepEqual(variadic, [
    "IDebugControl::Output",
    "IDebugControl::ControlledOutput",
    "IDebugControl::OutputPrompt",
    "IDebugControl4::OutputWide",
    "IDebugControl4::ControlledOutputWide",
    "IDebugControl4::OutputPromptWide",
  ]);
});

Deno.test("constants have the header's values", () => {
  assert.equal(Object.keys(constants).length, 743);
  assert.equal(constants.DEBUG_STATUS_BREAK, 6);
  assert.equal(constants.DEBUG_STATUS_WAIT_TIMEOUT, 0x200000000n);
  assert.equal(constants.DEBUG_ANY_ID, 0xffffffff);
  assert.equal(constants.DEBUG_INVALID_OFFSET, 0xffffffffffffffffn);
  assert.equal(constants.DEBUG_ENGOPT_NETWORK_PATHS, 12);
  assert.equal(constants.DEBUG_EXTENSION_CONTINUE_SEARCH, 0xd0000271);
  assert.equal(constants.DEBUG_CREATE_PROCESS_NO_DEBUG_HEAP, 0x400);
  assert.equal(constants.DEBUG_OUTPUT_NAME_END, "**NAME**");
});

Deno.test("the attach flags are single bits", () => {
  assert.deepEqual([
    constants.DEBUG_ATTACH_DEFAULT,
    constants.DEBUG_ATTACH_NONINVASIVE,
    constants.DEBUG_ATTACH_EXISTING,
    constants.DEBUG_ATTACH_NONINVASIVE_NO_SUSPEND,
    constants.DEBUG_ATTACH_INVASIVE_NO_INITIAL_BREAK,
    constants.DEBUG_ATTACH_INVASIVE_RESUME_PROCESS,
  ], [0, 1, 2, 4, 8, 16]);
});

Deno.test("fields lie inside of their struct", () => {
  assert.equal(STRUCTS.length, 49);
  for (const { name, size, align, fields } of STRUCTS) {
    assert.equal(size % align, 0, name);
    for (const [field, row] of Object.entries(fields)) {
      assert.ok(row.offset + row.size <= size, `${name}.${field}`);
      if (row.kind === "struct") assert.ok(row.type in structs, row.type);
    }
  }
});

Deno.test("DEBUG_VALUE overlays its interpretations", () => {
  const { size, fields } = structs.DEBUG_VALUE;
  assert.equal(size, 32);
  assert.equal(fields.I64.offset, 0);
  assert.equal(fields.Nat.offset, 8);
  assert.equal(fields["F128Parts64.HighPart"].offset, 8);
  assert.equal(fields.RawBytes.count, 24);
  assert.equal(fields.Type.offset, 28);
});

Deno.test("status names have one code each", () => {
  assert.equal(STATUS_NAMES.size, 617);
});

Deno.test("status names know what attaching returns", () => {
  assert.equal(STATUS_NAMES.get(0xd0000022), "STATUS_ACCESS_DENIED");
  assert.equal(STATUS_NAMES.get(0xd0000353), "STATUS_PORT_NOT_SET");
  assert.equal(STATUS_NAMES.get(0x80070057), "E_INVALIDARG");
  assert.equal(STATUS_NAMES.get(0x80072740), "WSAEADDRINUSE");
  assert.equal(STATUS_NAMES.get(0x80072af9), "WSAHOST_NOT_FOUND");
  assert.equal(STATUS_NAMES.get(0x8000000a), "E_PENDING");
});
