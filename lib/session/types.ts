/** Types of a program, as its symbols describe them. */
import { EngineError, StateError } from "./errors.ts";
import type { OwnRequest } from "./memory.ts";
import { type FieldRecord, isClass, type TypeKind, type TypeRecord, type TypeTree } from "./type_records.ts";

/** A member of a struct, class or union, or one of its bases. */
export interface Field {
  /** Its name; of a base that of the base's type. */
  readonly name: string;
  /** Its type. */
  readonly type: Type;
  /** Bytes from the beginning of the whole; of a bit field to the integer that it lies in; of a virtual base undefined: each object says it. */
  readonly offset: number | undefined;
  /** Where a bit field lies in its integer: the number of its lowest bit, and how many it has. */
  readonly bits?: { readonly position: number; readonly length: number };
  /** Whether it is a base. */
  readonly isBase: boolean;
}

/** A type: what the program's symbols say of it. {@linkcode Program.type} and {@linkcode TypedValue.type} give it. */
export class Type {
  readonly #scope: TypeScope;
  readonly #record: TypeRecord;

  /** Not for users: symbols describe types. */
  constructor(scope: TypeScope, record: TypeRecord) {
    this.#scope = scope;
    this.#record = record;
  }

  /** Its name as C and C++ write it, for example `shop::Order` or `int (*)(char*)`. */
  get name(): string {
    return this.#record.name;
  }

  /** What it is. */
  get kind(): TypeKind {
    return this.#record.kind;
  }

  /** Bytes of a value; 0 for functions and `void`. */
  get size(): number {
    return this.#record.size;
  }

  /** Whether values have a sign; undefined for what is no integer, character or enumeration. */
  get signed(): boolean | undefined {
    return this.#record.signed;
  }

  /** Elements of an array; undefined for others. */
  get count(): number | undefined {
    return this.#record.count;
  }

  /** What a pointer or reference leads to, or what an array is made of; undefined for others. */
  get target(): Type | undefined {
    const { target } = this.#record;
    return target === undefined ? undefined : this.#scope.type(target);
  }

  /**
   * Bases and members of a struct, class or union, in the order in which the source has them; empty for others.
   * @throws {StateError} kind `unresolved` for what was only named as the target of a pointer: `(await value.deref().resolve()).type` has them.
   */
  get fields(): readonly Field[] {
    const record = this.#known();
    return (record.fields ?? []).map((field) => fieldOf(this.#scope, field));
  }

  /**
   * Names and values of an enumeration; empty for others.
   * @throws {StateError} kind `unresolved`, as {@linkcode fields} does.
   */
  get enumerators(): readonly { readonly name: string; readonly value: bigint }[] {
    return (this.#known().values ?? []).map(([name, value]) => ({ name, value }));
  }

  #known(): TypeRecord {
    const record = this.#scope.record(this.#record.id);
    if (isComplete(this.#scope, record)) return record;
    const next = "resolve() a value of it, or ask for it by its name";
    throw new StateError(
      "unresolved",
      `Cannot tell what ${record.name} is made of: only its name is known here; ${next}`,
    );
  }

  /** The same as {@linkcode name}. */
  toString(): string {
    return this.name;
  }
}

function fieldOf(scope: TypeScope, { name, type, offset, bits, isBase, virtual }: FieldRecord): Field {
  const field = { name, type: scope.type(type), offset: virtual ? undefined : offset, isBase: isBase ?? false };
  return Object.freeze(bits ? { ...field, bits } : field);
}

/** Values within values. */
const MOST_LEVELS = 256;

/** @throws {EngineError} for a type that holds itself by value, as only damaged symbols say. */
function requireFinite(records: ReadonlyMap<number, TypeRecord>, types: readonly TypeRecord[]): void {
  const levels = new Map<number, number>();
  const levelsOf = (id: number, most: number): number => {
    const { kind, name, target, fields = [] } = records.get(id) ?? { kind: "unknown", name: "" };
    const held = kind === "array" && target !== undefined ? [target] : fields.map(({ type }) => type);
    const count = levels.get(id) ??
      (most === 0 ? Infinity : 1 + Math.max(0, ...held.map((each) => levelsOf(each, most - 1))));
    levels.set(id, count);
    if (count <= MOST_LEVELS) return count;
    const what = `it holds itself, or others within each other more than ${MOST_LEVELS} deep`;
    throw new EngineError("failed", `Cannot tell what a ${name} is made of: by its symbols ${what}`);
  };
  for (const { id } of types) levelsOf(id, MOST_LEVELS);
}

/** The types that came with one that was asked for, and those that were asked for on the way from it. */
export class TypeScope {
  readonly #request: OwnRequest;
  readonly #module: bigint;
  readonly #records = new Map<number, TypeRecord>();
  readonly #types = new Map<number, Type>();

  constructor(request: OwnRequest, { module, types }: TypeTree) {
    this.#request = request;
    this.#module = module;
    this.#add(types);
  }

  #add(types: readonly TypeRecord[]): void {
    for (const record of types) {
      const known = this.#records.get(record.id);
      if (!known || !isComplete(this, known)) this.#records.set(record.id, record);
    }
    requireFinite(this.#records, types);
  }

  /** What is known of a type. */
  record(id: number): TypeRecord {
    const record = this.#records.get(id);
    if (record) return record;
    throw new EngineError("defect", `Cannot tell what type ${id} is: the engine named it and did not describe it`);
  }

  /** A type as users have it. */
  type(id: number): Type {
    const known = this.#types.get(id) ?? new Type(this, this.record(id));
    this.#types.set(id, known);
    return known;
  }

  /** All of a type; asks the engine where only its name is known. */
  async complete(id: number): Promise<TypeRecord> {
    const named = this.record(id);
    if (isComplete(this, named)) return named;
    const tree = await this.#request("type", { module: this.#module, id });
    const found = tree?.types.find((record) => record.id === tree.root);
    // Ids are given anew when symbols are loaded anew.
    if (!tree || tree.root !== id || found?.name !== named.name || found.size !== named.size) {
      const next = "look the value up again";
      throw new EngineError(
        "failed",
        `Cannot read the type ${named.name}: its module's symbols were loaded anew; ${next}`,
      );
    }
    this.#add(tree.types);
    return this.record(id);
  }
}

/** Whether a type is known with all that it holds by value. */
export function isComplete(scope: TypeScope, { kind, fields, values, target }: TypeRecord): boolean {
  if (kind === "array") return target !== undefined && isComplete(scope, scope.record(target));
  if (kind === "enumeration") return values !== undefined;
  return isClass(kind) ? fields !== undefined : true;
}
