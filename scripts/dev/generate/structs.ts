/**
 * Reads struct and union declarations and lays them out by the rules that the
 * x64 and arm64 ABIs of Windows share.
 *
 * @module
 */

import type { Field, FieldKind, StructTable } from "../../../lib/com/tables.ts";

/** The size, and with it the alignment, and the kind of each scalar type. */
const SCALARS: Readonly<Record<string, readonly [number, FieldKind]>> = {
  BOOL: [4, "i32"],
  BYTE: [1, "u8"],
  CHAR: [1, "u8"],
  DWORD: [4, "u32"],
  DWORD64: [8, "u64"],
  LONG: [4, "i32"],
  LONG64: [8, "i64"],
  PCWSTR: [8, "pointer"],
  PVOID: [8, "pointer"],
  UCHAR: [1, "u8"],
  UINT: [4, "u32"],
  ULONG: [4, "u32"],
  ULONG64: [8, "u64"],
  ULONGLONG: [8, "u64"],
  USHORT: [2, "u16"],
  WORD: [2, "u16"],
  double: [8, "f64"],
  float: [4, "f32"],
};

const TOKEN_REGEXP = /#pragma[^\n]*|\w+|[{}\[\]():;,*+-]/g;

/** A laid-out body: what a declaration with this body contributes. */
interface Layout {
  readonly size: number;
  readonly align: number;
  readonly fields: ReadonlyMap<string, Field>;
}

/** Lays out every `typedef struct` and `typedef union` that has a body. */
export function parseStructs(text: string): StructTable[] {
  const structs = new Map<string, StructTable>();
  const pack = { limit: Infinity, stack: [] as number[] };
  const starts = /#pragma pack[^\n]*|typedef\s+(struct|union)\s+(?:DECLSPEC_ALIGN\((\d+)\)\s*)?\w+\s*\{/g;
  for (const start of text.matchAll(starts)) {
    const [head, way, align] = start;
    if (way === undefined) {
      applyPack(pack, head);
      continue;
    }
    const from = start.index + head.length;
    const parser = new BodyParser(text.slice(from), structs, pack.limit);
    const layout = parser.parseBody(way === "union", Number(align ?? 1));
    const name = parser.parseTypedefName();
    if (structs.has(name)) throw new Error(`${name} is declared twice`);
    const fields = Object.fromEntries(layout.fields);
    structs.set(name, { name, size: layout.size, align: layout.align, fields });
  }
  return [...structs.values()];
}

/** The names of all pointers to structs: `*PNAME` and forward declarations. */
export function parseStructPointers(text: string): Set<string> {
  const pointers = new Set<string>();
  for (
    const [, own, forward] of text.matchAll(
      /\}\s*\w+\s*,\s*\*(\w+)\s*;|typedef struct \w+\*\s*(\w+);/g,
    )
  ) {
    pointers.add(own ?? forward ?? "");
  }
  return pointers;
}

function applyPack(
  pack: { limit: number; stack: number[] },
  pragma: string,
): void {
  const push = /pack\(push,\s*(\d+)\)/.exec(pragma);
  if (push !== null) {
    pack.stack.push(pack.limit);
    pack.limit = Number(push[1]);
    return;
  }
  const popped = /pack\(pop\)/.test(pragma) ? pack.stack.pop() : undefined;
  if (popped === undefined) throw new Error(`Cannot read ${pragma}`);
  pack.limit = popped;
}

/** Where the next field goes, and what the fields so far amount to. */
class LayoutBuilder {
  readonly fields = new Map<string, Field>();
  readonly #isUnion: boolean;
  readonly #pack: number;
  #end = 0;
  #size = 0;
  #align: number;
  #unit: { offset: number; size: number; used: number } | null = null;

  constructor(isUnion: boolean, pack: number, align: number) {
    this.#isUnion = isUnion;
    this.#pack = pack;
    this.#align = align;
  }

  /** Reserves room and gives its offset. */
  place(size: number, align: number): number {
    this.#unit = null;
    const limited = Math.min(align, this.#pack);
    this.#align = Math.max(this.#align, limited);
    const offset = this.#isUnion ? 0 : roundUp(this.#end, limited);
    this.#end = offset + size;
    this.#size = Math.max(this.#size, this.#end);
    return offset;
  }

  /** Bit fields share a unit while their type has the same size and fits. */
  placeBits(size: number, width: number): [offset: number, shift: number] {
    let unit = this.#unit;
    if (
      unit === null || this.#isUnion || unit.size !== size ||
      unit.used + width > size * 8
    ) {
      unit = { offset: this.place(size, size), size, used: 0 };
    }
    const shift = unit.used;
    this.#unit = { ...unit, used: shift + width };
    return [unit.offset, shift];
  }

  add(name: string, field: Field): void {
    if (this.fields.has(name)) throw new Error(`Field ${name} is there twice`);
    this.fields.set(name, field);
  }

  finish(): Layout {
    const size = roundUp(this.#size, this.#align);
    return { size, align: this.#align, fields: this.fields };
  }
}

/** Reads from just behind an opening brace. */
class BodyParser {
  readonly #tokens: Iterator<RegExpMatchArray, undefined>;
  readonly #structs: ReadonlyMap<string, StructTable>;
  readonly #pack: number;
  #peeked: string | null = null;

  constructor(
    text: string,
    structs: ReadonlyMap<string, StructTable>,
    pack: number,
  ) {
    this.#tokens = text.matchAll(TOKEN_REGEXP);
    this.#structs = structs;
    this.#pack = pack;
  }

  /** Reads the fields up to and with the closing brace. */
  parseBody(isUnion: boolean, align: number): Layout {
    const builder = new LayoutBuilder(isUnion, this.#pack, align);
    while (!this.#accept("}")) this.#parseField(builder);
    return builder.finish();
  }

  /** Reads `NAME, *PNAME;` behind the closing brace. */
  parseTypedefName(): string {
    const name = this.#word();
    while (this.#accept(",")) {
      this.#expect("*");
      this.#word();
    }
    this.#expect(";");
    return name;
  }

  #parseField(builder: LayoutBuilder): void {
    while (this.#accept("IN") || this.#accept("OUT")) { /* old annotations */ }
    const type = this.#word();
    if (type === "struct" || type === "union") {
      this.#parseNested(builder, type === "union");
      return;
    }
    const [size, align, kind] = this.#measure(type);
    const name = this.#word();
    if (this.#accept(":")) {
      const width = this.#number();
      const [offset, shift] = builder.placeBits(size, width);
      builder.add(name, { offset, size, type, kind, bits: [shift, width] });
    } else if (this.#accept("[")) {
      const count = this.#number();
      this.#expect("]");
      const offset = builder.place(size * count, align);
      const isBytes = size === 1;
      builder.add(name, {
        offset,
        size: size * count,
        type,
        kind: isBytes ? "bytes" : kind,
        count,
      });
    } else {
      const offset = builder.place(size, align);
      builder.add(name, { offset, size, type, kind });
    }
    this.#expect(";");
  }

  /** A nameless type: its fields move into this one, under the field's name. */
  #parseNested(builder: LayoutBuilder, isUnion: boolean): void {
    this.#expect("{");
    const inner = this.parseBody(isUnion, 1);
    const prefix = this.#accept(";") ? "" : `${this.#word()}.`;
    if (prefix !== "") this.#expect(";");
    const offset = builder.place(inner.size, inner.align);
    for (const [name, field] of inner.fields) {
      builder.add(prefix + name, { ...field, offset: offset + field.offset });
    }
  }

  #measure(type: string): [size: number, align: number, kind: FieldKind] {
    const scalar = SCALARS[type];
    if (scalar !== undefined) return [scalar[0], scalar[0], scalar[1]];
    const struct = this.#structs.get(type);
    if (struct === undefined) throw new Error(`Type ${type} is not known`);
    return [struct.size, struct.align, "struct"];
  }

  #peek(): string {
    if (this.#peeked !== null) return this.#peeked;
    const next = this.#tokens.next();
    const token = next.done === true ? "" : next.value[0];
    this.#peeked = token;
    return token;
  }

  #accept(token: string): boolean {
    if (this.#peek() !== token) return false;
    this.#peeked = null;
    return true;
  }

  #expect(token: string): void {
    if (!this.#accept(token)) {
      throw new Error(`Struct has ${this.#peek()} in place of ${token}`);
    }
  }

  #word(): string {
    const word = this.#peek();
    if (!/^[A-Za-z_]\w*$/.test(word)) throw new Error(`No name: ${word}`);
    this.#peeked = null;
    return word;
  }

  #number(): number {
    const digits = this.#peek();
    if (!/^\d+$/.test(digits)) throw new Error(`No number: ${digits}`);
    this.#peeked = null;
    return Number(digits);
  }
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
