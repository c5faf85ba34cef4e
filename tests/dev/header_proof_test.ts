import assert from "node:assert/strict";
import type { InterfaceTable, StructTable } from "../../lib/com/tables.ts";
import * as constants from "../../lib/dbgeng/generated/constants.ts";
import * as interfaces from "../../lib/dbgeng/generated/interfaces.ts";
import { STATUS_NAMES } from "../../lib/com/generated/status_names.ts";
import * as structs from "../../lib/dbgeng/generated/structs.ts";
import { engineMacros, objectValues } from "../../scripts/dev/generate/object_values.ts";
import { prepareToolchain } from "../../scripts/dev/generate/toolchain.ts";
import {
  type Claim,
  constantClaims,
  kindClaims,
  signatureClaims,
  slotClaims,
  statusClaim,
  structClaims,
  vtableClaim,
} from "./header_proof.ts";

const INTERFACES: readonly InterfaceTable[] = Object.values(interfaces);
const STRUCTS: readonly StructTable[] = Object.values(structs);
const CONSTANTS = Object.entries<number | bigint | string>(constants);

/** Macros of the header that are no constants, beside those with arguments. */
const OTHER_MACROS = [
  "DEBUG_EXTEND64",
  "DEBUG_EXTENSION_VERSION",
  "DEBUG_OUTTYPE_RECURSION_LEVEL",
  "__DBGENG_H__",
];

const toolchain = await prepareToolchain();

async function prove(claims: readonly Claim[]): Promise<void> {
  const expressions = claims.map((each) => each.expression);
  const { values } = await objectValues(toolchain.compile, expressions);
  const wrong = claims.flatMap(({ label, expected }, index) =>
    values[index] === expected ? [] : [`${label}: table ${expected}, compiler ${values[index]}`]
  );
  assert.deepEqual(wrong, []);
}

Deno.test("interface tables have the slots of the C vtables", async () => {
  const claims = INTERFACES.flatMap(slotClaims);
  assert.equal(INTERFACES.length, 51);
  assert.equal(claims.length, 2827);
  await prove(claims);
  await prove(INTERFACES.map(vtableClaim));
});

Deno.test("interface tables have every method of the header", () => {
  const bodies = toolchain.header.matchAll(
    /^DECLARE_INTERFACE_[^{]*\{([^}]*)\}/gm,
  );
  const counts = [...bodies].map(([body]) => body.match(/^ *STDMETHODV?_?\(/gm)?.length ?? 0);
  assert.equal(counts.length, 51);
  assert.equal(counts.reduce((sum, each) => sum + each), 2827);
});

Deno.test("interface tables have the parameter types of the C vtables", async () => {
  const claims = INTERFACES.flatMap(signatureClaims);
  assert.equal(claims.length, 2827);
  await prove(claims);
});

Deno.test("parameter kinds suit their C types", async () => {
  const claims = kindClaims(INTERFACES);
  assert.equal(claims.length, 62);
  await prove(claims);
});

Deno.test("interface tables have the IIDs of the header", async () => {
  const { guids } = await objectValues(toolchain.compile, ["0"]);
  const names = [...toolchain.header.matchAll(/DEFINE_GUID\(IID_(\w+)/g)];
  const told = new Map(INTERFACES.map((each) => [each.name, each.iid]));
  assert.equal(guids.length, 16 * INTERFACES.length);
  assert.equal(names.length, INTERFACES.length);
  for (const [index, [, name = ""]] of names.entries()) {
    const bytes = guids.subarray(16 * index, 16 * index + 16);
    assert.equal(told.get(name), guidText(bytes), name);
  }
});

Deno.test("struct tables have the layout of the C structs", async () => {
  const fields = STRUCTS.flatMap((each) => Object.values(each.fields));
  const bitFields = fields.filter((each) => each.bits !== undefined);
  assert.equal(STRUCTS.length, 49);
  assert.equal(bitFields.length, 0);
  const claims = STRUCTS.flatMap(structClaims);
  assert.equal(claims.length, 2 * STRUCTS.length + 3 * fields.length);
  await prove(claims);
});

Deno.test("struct tables have every struct of the header", () => {
  const own = toolchain.header.matchAll(/^typedef (?:struct|union) _(\w+)\s*\{/gm);
  const names = [...own].map((each) => each[1] ?? "");
  const told = new Set(STRUCTS.map((each) => each.name));
  assert.equal(names.length, 42);
  assert.deepEqual(names.filter((each) => !told.has(each)), []);
});

Deno.test("constants have the values that the compiler sees", async () => {
  assert.equal(CONSTANTS.length, 743);
  await prove(CONSTANTS.flatMap(([name, value]) => constantClaims(name, value)));
});

Deno.test("constants are all macros of the header", async () => {
  const macros = await engineMacros(toolchain.compile);
  const told = new Set([...Object.keys(constants), ...OTHER_MACROS]);
  assert.deepEqual([...macros.symmetricDifference(told)], []);
});

Deno.test("status names belong to their codes", async () => {
  await prove([...STATUS_NAMES].map(([code, name]) => statusClaim(code, name)));
});

function guidText(bytes: Uint8Array): string {
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  const digits = order.map((at) => (bytes[at] ?? 0).toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
