/** Names of types that no symbols are needed for: those of C itself, and what is made of others by `*` and `[n]`. */
import type { TypeKind, TypeRecord, TypeTree } from "./type_records.ts";

type Basic = readonly [kind: TypeKind, size: number, signed?: boolean];

/** As Visual C++ has them: `long` has four bytes. */
const BASIC: Readonly<Record<string, Basic>> = {
  "void": ["void", 0],
  "bool": ["boolean", 1],
  "char": ["character", 1, true],
  "char8_t": ["character", 1, false],
  "char16_t": ["character", 2, false],
  "char32_t": ["character", 4, false],
  "wchar_t": ["character", 2, false],
  "signed char": ["integer", 1, true],
  "unsigned char": ["integer", 1, false],
  "short": ["integer", 2, true],
  "unsigned short": ["integer", 2, false],
  "int": ["integer", 4, true],
  "unsigned int": ["integer", 4, false],
  "long": ["integer", 4, true],
  "unsigned long": ["integer", 4, false],
  "unsigned": ["integer", 4, false],
  "long long": ["integer", 8, true],
  "unsigned long long": ["integer", 8, false],
  "int8_t": ["integer", 1, true],
  "uint8_t": ["integer", 1, false],
  "int16_t": ["integer", 2, true],
  "uint16_t": ["integer", 2, false],
  "int32_t": ["integer", 4, true],
  "uint32_t": ["integer", 4, false],
  "int64_t": ["integer", 8, true],
  "uint64_t": ["integer", 8, false],
  "float": ["float", 4],
  "double": ["float", 8],
};

/** As wide as a pointer. */
const WIDE: Readonly<Record<string, boolean>> = {
  "size_t": false,
  "ptrdiff_t": true,
  "intptr_t": true,
  "uintptr_t": false,
};

/** What stands behind a name, in the order in which it is said of it. */
export type Suffix = "*" | number;

/** A type's name apart: what is looked up, and what is made of it. */
export interface TypeName {
  readonly base: string;
  readonly suffixes: readonly Suffix[];
}

const SUFFIX = /\s*(?:\*|\[\s*(\d{1,10})\s*\])(?:\s*(?:const|volatile))*$/;
/** What says nothing of how a value is read. */
const QUALIFIERS = /^(?:(?:const|volatile)\s+)+|(?:\s+(?:const|volatile))+$/g;

/** Takes `const app!Order*[3]` apart: an array of three pointers. `int[2][3]` is, as in C, two times three. */
export function readTypeName(name: string): TypeName {
  const suffixes: Suffix[] = [];
  let base = name.trim();
  for (let found = SUFFIX.exec(base); found; found = SUFFIX.exec(base)) {
    suffixes.unshift(found[1] === undefined ? "*" : Number(found[1]));
    base = base.slice(0, found.index);
  }
  return { base: base.replace(QUALIFIERS, ""), suffixes: dimensions(suffixes) };
}

/** The last dimension of an array is the one that its elements have. */
function dimensions(suffixes: readonly Suffix[]): Suffix[] {
  const result: Suffix[] = [];
  let counts: number[] = [];
  for (const suffix of [...suffixes, "*" as const]) {
    if (suffix !== "*") counts.unshift(suffix);
    else {
      result.push(...counts, suffix);
      counts = [];
    }
  }
  return result.slice(0, -1);
}

/** One of C's own types; undefined for other names. */
export function basicType(name: string, pointerSize: number): TypeTree | undefined {
  const isWide = Object.hasOwn(WIDE, name);
  const basic: Basic | undefined = isWide
    ? ["integer", pointerSize, WIDE[name] ?? false]
    : Object.hasOwn(BASIC, name)
    ? BASIC[name]
    : undefined;
  if (!basic) return undefined;
  const [kind, size, signed] = basic;
  const record: TypeRecord = { id: 0, kind, name, size, ...(signed === undefined ? {} : { signed }) };
  return { module: 0n, root: 0, types: [record] };
}

/** A type made of another one. Ids below zero are none of the engine's. */
export function withSuffixes(tree: TypeTree, suffixes: readonly Suffix[], pointerSize: number): TypeTree {
  const types = [...tree.types];
  let { root } = tree;
  let name = types.find(({ id }) => id === root)?.name ?? "";
  let size = types.find(({ id }) => id === root)?.size ?? 0;
  for (const [index, suffix] of suffixes.entries()) {
    const id = -1 - index;
    if (suffix === "*") types.push({ id, kind: "pointer", name: name += "*", size: size = pointerSize, target: root });
    else {
      name = name.replace(/(?=(?:\[\d+\])+$)|$/, `[${suffix}]`);
      types.push({ id, kind: "array", name, size: size *= suffix, target: root, count: suffix });
    }
    root = id;
  }
  return { ...tree, root, types };
}
