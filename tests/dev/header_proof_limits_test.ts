import assert from "node:assert/strict";
import { evaluateConstants } from "../../scripts/dev/generate/constants.ts";
import { parseInterfaces } from "../../scripts/dev/generate/interfaces.ts";
import { parseParameter } from "../../scripts/dev/generate/parameters.ts";
import { preprocess } from "../../scripts/dev/generate/preprocess.ts";
import { parseStructs } from "../../scripts/dev/generate/structs.ts";

const POINTERS = { interfaces: new Set(["PDEBUG_CLIENT"]), structs: new Set(["PDEBUG_VALUE"]) };

Deno.test("parseParameter() refuses what it cannot place", () => {
  const sources = [
    "_In_ ULONG",
    "ULONG Flags",
    "_In_ WPARAM Flags",
    "_In_ PDEBUG_UNKNOWN Value",
    "_Out_ PSTR Buffer",
    "_Out_ ULONG Count",
    "_Inout_ ULONG Count",
    "_Out_writes_(Count + 1) PULONG Ids",
    "_Out_writes_(Count) ULONG Ids",
    "_Out_writes_to_(Count) PULONG Ids",
    "_Deref_out_ PULONG Ids",
    "_Outptr_ PDEBUG_CLIENT* Client",
    "_In_ ULONG Ids[4]",
    "_In_ ULONG64* Ids",
  ];
  for (const source of sources) {
    assert.throws(() => parseParameter(source, "Method", POINTERS), /^Error: Cannot/, source);
  }
});

Deno.test("parseParameter() keeps what the annotation says", () => {
  const source = "_Out_writes_bytes_to_opt_(Size, *Read) PVOID Buffer";
  assert.deepEqual(parseParameter(source, "Method", POINTERS), {
    name: "Buffer",
    type: "PVOID",
    kind: "buffer",
    direction: "out",
    optional: true,
    size: "Size",
    unit: "bytes",
    written: "*Read",
  });
});

Deno.test("parseInterfaces() refuses a version that moves a slot", () => {
  const text = [declare("IDebugTest", 1, "First"), declare("IDebugTest2", 2, "Second")].join("\n");
  assert.throws(() => parseInterfaces(`${text}\n${UUIDS}`, new Set()), /does not repeat the slots/);
});

Deno.test("parseInterfaces() refuses text that is no method", () => {
  const text = declare("IDebugTest", 1, "First").replace("PURE;\n};", "PURE;\n  int x;\n};");
  assert.throws(() => parseInterfaces(`${text}\n${UUIDS}`, new Set()), /holds: int x/);
});

Deno.test("preprocess() decides conditions and refuses unknown ones", () => {
  const { text, defines } = preprocess("#ifndef A\n#define A 1 // one\n#else\nno\n#endif\nyes");
  assert.equal(text, "yes");
  assert.deepEqual(defines, [{ name: "A", isFunction: false, body: "1" }]);
  assert.throws(() => preprocess("#if NEW\n#endif"), /Cannot decide/);
  assert.throws(() => preprocess("#pragma once"), /Cannot read the pragma/);
  assert.throws(() => preprocess("#define A 1\n#define A 2"), /defined twice/);
});

Deno.test("evaluateConstants() follows references and refuses what is no value", () => {
  const source = "#define A 0x4\n#define B (A | 3)\n#define C ((ULONG64)-1)\n#define F(x) x";
  const { constants, functions } = evaluateConstants(preprocess(source).defines);
  assert.deepEqual(constants.map((each) => each.value), [4n, 7n, 0xffffffffffffffffn]);
  assert.deepEqual(functions, ["F"]);
  for (const body of ["UNKNOWN", "1 +", "(1", "1 2", "sizeof(int)"]) {
    const { defines } = preprocess(`#define D ${body}`);
    assert.throws(() => evaluateConstants(defines), /Cannot evaluate D/, body);
  }
});

Deno.test("parseStructs() lays out bit fields, packing and nameless members", () => {
  const [first, second] = parseStructs(`
    typedef struct _FIRST { ULONG A : 3; ULONG B : 30; UCHAR C; ULONG64 D; } FIRST, *PFIRST;
    #pragma pack(push, 4)
    typedef struct _SECOND { UCHAR A; union { ULONG64 B; struct { WORD C; WORD D; } E; }; } SECOND;
    #pragma pack(pop)`);
  assert.deepEqual([first?.size, first?.align], [24, 8]);
  assert.deepEqual(first?.fields["B"]?.bits, [0, 30]);
  assert.deepEqual([second?.size, second?.align], [12, 4]);
  assert.equal(second?.fields["E.D"]?.offset, 6);
});

Deno.test("parseStructs() refuses a type that it does not know", () => {
  const text = "typedef struct _A { SIZE_T B; } A;";
  assert.throws(() => parseStructs(text), /Type SIZE_T is not known/);
});

/** What `parseInterfaces()` holds against its list of contradictions. */
const UUIDS = 'typedef interface DECLSPEC_UUID("0") IDebugPlmClient3* PIDEBUG_PLMCLIENT3;';

function declare(name: string, digit: number, method: string): string {
  const root = ["QueryInterface", "AddRef", "Release", method]
    .map((each) => `  STDMETHOD(${each})(THIS) PURE;`);
  return [
    `DEFINE_GUID(IID_${name}, ${digit}, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);`,
    `DECLARE_INTERFACE_(${name}, IUnknown)`,
    "{",
    ...root,
    "};",
  ].join("\n");
}
