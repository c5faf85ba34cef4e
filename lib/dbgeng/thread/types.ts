/** Types as the engine's symbols describe them. */
import {
  type FieldRecord,
  isClass,
  type TypeKind,
  type TypeRecord,
  type TypeTree,
} from "../../session/type_records.ts";
import { EngineError } from "../../session/errors.ts";
import { type Symbols, TAG } from "./dbghelp.ts";

/** Types, members and enumerators that are described at once. */
const MOST_TYPES = 20_000;
const MOST_MEMBERS = 100_000;
/** Pointers to pointers, arrays of arrays and arguments within arguments that a name is followed through. */
const MOST_LEVELS = 32;

/** `DataIsMember` of `DataKind` */
const MEMBER = 7;
/** By `UdtKind`. */
const CLASSES: readonly TypeKind[] = ["struct", "class", "union", "class"];
/** By `BasicType`: what it is and how it is called; by its size where that differs. */
const BASIC: Readonly<Record<number, readonly [kind: TypeKind, name: string | Readonly<Record<number, string>>]>> = {
  1: ["void", "void"],
  2: ["character", "char"],
  3: ["character", "wchar_t"],
  6: ["integer", { 1: "signed char", 2: "short", 4: "int", 8: "long long", 16: "__int128" }],
  7: ["integer", { 1: "unsigned char", 2: "unsigned short", 4: "unsigned int", 8: "unsigned long long" }],
  8: ["float", { 2: "_Float16", 4: "float", 8: "double", 10: "long double", 16: "__float128" }],
  10: ["boolean", "bool"],
  13: ["integer", "long"],
  14: ["integer", "unsigned long"],
  31: ["integer", "HRESULT"],
  32: ["character", "char16_t"],
  33: ["character", "char32_t"],
  34: ["character", "char8_t"],
};
/** `BasicType`s with a sign. */
const SIGNED = new Set([2, 6, 13, 31]);

/** What several trees have together. */
export interface Budget {
  members: number;
}

/** A type with all that it holds by value, and the names of what its pointers lead to. */
export function typeTree(symbols: Symbols, module: bigint, type: number, budget: Budget = { members: 0 }): TypeTree {
  const reader = new TypeReader(symbols, module, budget);
  const root = reader.add(type);
  return { module, root, types: [...reader.records.values()] };
}

class TypeReader {
  readonly records = new Map<number, TypeRecord>();
  readonly #symbols: Symbols;
  readonly #module: bigint;
  readonly #names = new Map<number, string>();
  /** Those that are looked into, or have been. */
  readonly #begun = new Set<number>();
  readonly #budget: Budget;

  constructor(symbols: Symbols, module: bigint, budget: Budget) {
    this.#budget = budget;
    this.#symbols = symbols;
    this.#module = module;
  }

  /** Gives the id of the type itself, where one that was given another name leads to it. */
  add(type: number): number {
    const id = this.#plain(type);
    if (this.#begun.has(id)) return id; // also of one that holds itself, as damaged symbols may say
    this.#begun.add(id);
    if (this.records.size >= MOST_TYPES) throw tooMany(`more than ${MOST_TYPES} types hang together`);
    this.records.set(id, this.#whole(id));
    return id;
  }

  #number(id: number, info: Parameters<Symbols["number"]>[2]): number | undefined {
    return this.#symbols.number(this.#module, id, info);
  }

  #children(id: number): number[] {
    const children = this.#symbols.children(this.#module, id, MOST_MEMBERS + 1);
    this.#budget.members += children.length;
    if (this.#budget.members > MOST_MEMBERS) throw tooMany(`its types have more than ${MOST_MEMBERS} members`);
    return children;
  }

  #plain(type: number): number {
    let id = type;
    for (let level = 0; level < MOST_LEVELS && this.#number(id, "tag") === TAG.typedef; level++) {
      id = this.#number(id, "type") ?? id;
    }
    return id;
  }

  /** What is told of a type that is not looked into. */
  #named(id: number): TypeRecord {
    const tag = this.#number(id, "tag");
    const basic = this.#number(id, "basicType") ?? 0;
    const size = this.#number(id, "length") ?? 0;
    const record = { id, size, name: this.#nameOf(id) };
    if (tag === TAG.basic) {
      const [kind = "unknown"] = BASIC[basic] ?? [];
      return kind === "integer" || kind === "character"
        ? { ...record, kind, signed: SIGNED.has(basic) }
        : { ...record, kind };
    }
    if (tag === TAG.enumeration) return { ...record, kind: "enumeration", signed: SIGNED.has(basic) };
    if (tag === TAG.class) return { ...record, kind: CLASSES[this.#number(id, "kindOfClass") ?? 0] ?? "struct" };
    if (tag === TAG.functionType) return { ...record, kind: "function" };
    const target = this.#number(id, "type");
    if (target === undefined) return { ...record, kind: "unknown" };
    if (tag === TAG.array) {
      return { ...record, kind: "array", count: this.#number(id, "count") ?? 0, target: this.#plain(target) };
    }
    if (tag !== TAG.pointer) return { ...record, kind: "unknown" };
    // A pointer to a member is a number of its class's.
    if (this.#number(id, "classParent") !== undefined) return { ...record, kind: "unknown" };
    const kind = this.#number(id, "isReference") === 1 ? "reference" : "pointer";
    return { ...record, kind, size: this.#symbols.pointerSize, target: this.#plain(target) };
  }

  #whole(id: number): TypeRecord {
    const record = this.#named(id);
    if (record.target !== undefined) this.#follow(record);
    if (record.kind === "enumeration") return { ...record, values: this.#values(id, record) };
    if (isClass(record.kind)) return { ...record, fields: this.#fields(id) };
    return record;
  }

  /** An array holds its elements; a pointer leads to something that is named. */
  #follow({ kind, target }: TypeRecord): void {
    if (target === undefined) return;
    if (kind === "array") this.add(target);
    else if (!this.records.has(target)) {
      const named = this.#named(target);
      this.records.set(target, named);
      this.#follow({ ...named, kind: "pointer" });
    }
  }

  #values(id: number, { size, signed }: TypeRecord): [string, bigint][] {
    const children = this.#children(id);
    const fit = signed ? BigInt.asIntN : BigInt.asUintN; // negative ones come as if they had no sign
    return children.flatMap((child) => {
      const value = this.#symbols.value(this.#module, child);
      return value === undefined ? [] : [[this.#symbols.name(this.#module, child), fit(8 * size, value)]];
    });
  }

  #fields(id: number): FieldRecord[] {
    return this.#children(id).flatMap((child): FieldRecord[] => {
      const tag = this.#number(child, "tag");
      const type = this.#number(child, "type");
      const isField = tag === TAG.data && this.#number(child, "dataKind") === MEMBER;
      if (type === undefined || !(isField || tag === TAG.base)) return [];
      const field = { type: this.add(type), offset: this.#number(child, "offset") ?? 0 };
      if (tag === TAG.base) {
        return [{ ...field, name: this.#nameOf(field.type), isBase: true, ...this.#virtual(child) }];
      }
      const position = this.#number(child, "bitPosition");
      const bits = position === undefined ? {} : { bits: { position, length: this.#number(child, "length") ?? 0 } };
      return [{ ...field, name: this.#symbols.name(this.#module, child), ...bits }];
    });
  }

  #virtual(child: number): Pick<FieldRecord, "virtual"> {
    if (this.#number(child, "isVirtualBase") !== 1) return {};
    const pointer = this.#number(child, "virtualBasePointer") ?? 0;
    return { virtual: { pointer, index: this.#number(child, "virtualBaseIndex") ?? 0 } };
  }

  #nameOf(id: number): string {
    const known = this.#names.get(id);
    if (known !== undefined) return known;
    this.#names.set(id, "…");
    const name = this.#spell(this.#plain(id), "", 0);
    this.#names.set(id, name);
    return name;
  }

  /** A type around what is declared, as C writes it: `int (*)(char)`, `int[2][3]`. */
  #spell(id: number, inner: string, level: number): string {
    const tag = this.#number(id, "tag");
    const target = this.#number(id, "type");
    if (level > MOST_LEVELS) return `…${inner}`;
    if (target !== undefined && tag === TAG.pointer) {
      const owner = this.#number(id, "classParent");
      const sign = owner === undefined ? "" : `${this.#spell(owner, "", level + 1)}::`;
      const mark = sign + (this.#number(id, "isReference") === 1 ? "&" : "*");
      const to = this.#number(target, "tag");
      const isAround = to === TAG.array || to === TAG.functionType;
      return this.#spell(
        target,
        isAround ? ` (${mark}${inner.trim()})` : owner === undefined ? mark + inner : ` ${mark}${inner}`,
        level + 1,
      );
    }
    if (target !== undefined && tag === TAG.array) {
      return this.#spell(target, `${inner}[${this.#number(id, "count") ?? 0}]`, level + 1);
    }
    if (target !== undefined && tag === TAG.functionType) {
      const list = this.#children(id).map((child) => {
        return this.#spell(this.#number(child, "type") ?? child, "", level + 1);
      });
      return this.#spell(target, `${inner || " "}(${list.join(", ")})`, level + 1);
    }
    return this.#ownName(id, tag) + inner;
  }

  #ownName(id: number, tag: number | undefined): string {
    if (tag !== TAG.basic) return this.#symbols.name(this.#module, id) || "<unnamed>";
    const [, name = "<unknown>"] = BASIC[this.#number(id, "basicType") ?? 0] ?? [];
    if (typeof name === "string") return name;
    return name[this.#number(id, "length") ?? 0] ?? "<unknown>";
  }
}

function tooMany(what: string): EngineError {
  return new EngineError("failed", `Cannot read the type: ${what}; ask for one of its members`);
}
