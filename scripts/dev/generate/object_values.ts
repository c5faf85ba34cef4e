/**
 * Asks a C compiler for the values of constant expressions: it compiles them
 * into a section of an object file, which is read here and never run.
 *
 * @module
 */

/** Runs clang with a source on standard input; gives the object file. */
export type Compile = (
  source: string,
  args: readonly string[],
) => Promise<Uint8Array>;

const SECTION = ".latch";

const TARGET: readonly string[] = [
  "--target=x86_64-w64-mingw32",
  "-std=gnu17",
  "-ferror-limit=0",
  "-Wno-everything",
  "-x",
  "c",
];

/** What dbgeng.h needs before it; `objbase.h` has the macro of the GUIDs. */
const PRELUDE = `
#define CINTERFACE
#define WIN32_NO_STATUS
#include <windows.h>
#undef WIN32_NO_STATUS
#include <ntstatus.h>
#include <objbase.h>
#include <stdarg.h>
#include <stddef.h>
#define _Analysis_noreturn_
#undef DEFINE_GUID
#define DEFINE_GUID(name, a, b, c, ...) \\
  static const GUID name __attribute__((section(".guids"), used)) = { a, b, c, { __VA_ARGS__ } }
`;

const ENGINE = "#include <dbgeng.h>\n";

/** What the object file says. */
export interface ObjectValues {
  /** One value for each expression, as 64 bits without a sign. */
  readonly values: BigUint64Array;
  /** The bytes of the header's GUIDs, 16 for each, in the header's order. */
  readonly guids: Uint8Array;
}

/** Compiles the expressions against dbgeng.h and reads their values. */
export async function objectValues(
  compile: Compile,
  expressions: readonly string[],
): Promise<ObjectValues> {
  const rows = expressions.map((each) => `(unsigned long long)(${each}),`);
  const source = [
    PRELUDE + ENGINE,
    `const unsigned long long latch_values[] __attribute__((section("${SECTION}"), used)) = {`,
    ...rows,
    "};",
    "",
  ].join("\n");
  const object = await compile(source, [...TARGET, "-c", "-", "-o", "-"]);
  const bytes = coffSection(object, SECTION);
  const values = new BigUint64Array(bytes.slice().buffer);
  if (values.length !== expressions.length) {
    throw new Error(`Object file holds ${values.length} values`);
  }
  return { values, guids: coffSection(object, ".guids") };
}

/** The names of all macros that dbgeng.h defines, as the compiler sees them. */
export async function engineMacros(compile: Compile): Promise<Set<string>> {
  const all = await macros(compile, PRELUDE + ENGINE);
  return all.difference(await macros(compile, PRELUDE));
}

async function macros(compile: Compile, source: string): Promise<Set<string>> {
  const output = await compile(source, [...TARGET, "-E", "-dM", "-"]);
  const text = new TextDecoder().decode(output);
  return new Set(
    [...text.matchAll(/^#define (\w+)/gm)].map((each) => each[1] ?? ""),
  );
}

/** The raw data of one section of a COFF object file. */
function coffSection(object: Uint8Array, name: string): Uint8Array {
  const view = new DataView(object.buffer, object.byteOffset, object.length);
  const sections = view.getUint16(2, true);
  const first = 20 + view.getUint16(16, true);
  for (let index = 0; index < sections; index++) {
    const at = first + index * 40;
    const label = new TextDecoder().decode(object.subarray(at, at + 8));
    if (label.replace(/\0+$/, "") !== name) continue;
    const size = view.getUint32(at + 16, true);
    const start = view.getUint32(at + 20, true);
    return object.subarray(start, start + size);
  }
  throw new Error(`Object file has no section ${name}`);
}
