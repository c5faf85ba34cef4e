/** Values in a stopped program, by their types. */
import { requireAddress, requireInteger, requireOptions, requireText } from "./arguments.ts";
import { EngineError, StateError } from "./errors.ts";
import { basicType, readTypeName, withSuffixes } from "./type_names.ts";
import { type Memory, untilZero } from "./memory.ts";
import { isClass } from "./type_records.ts";
import { isComplete, type Type, TypeScope } from "./types.ts";
import { decode, type PlainValue, textOf } from "./value_decode.ts";
import { encode, type WritableValue } from "./value_encode.ts";
import {
  arrive,
  element,
  follow,
  type Found,
  member,
  reading,
  readPlace,
  type ValuePlace,
  type ValueSource,
} from "./value_steps.ts";

/** Bytes that are read at once unless somebody wants more. */
const MOST_BYTES = 1 << 20;
/** Bytes of a text that are looked through. */
const MOST_TEXT = 1 << 16;
/**
 * A value in a stopped program: a type and a place. Nothing is read before {@linkcode read}; what leads from one value to others
 * ({@linkcode field}, {@linkcode at}, {@linkcode deref}, {@linkcode cast}) gives new ones at once, and pointers on the way are followed once, when it
 * is read. It stays what it is while the program runs on; a local's place is another one's when its function has returned.
 *
 * @example
 * ```ts no-eval
 * const order = await program.variable("app!g_order");
 * console.log(order.type.size, await order.read());
 * console.log(await order.field("next").field("price").read());
 * ```
 */
export class TypedValue {
  readonly #source: ValueSource;
  readonly #find: () => Promise<ValuePlace>;
  #place: ValuePlace | undefined;

  /** Not for users: programs and threads give values. */
  constructor(source: ValueSource, place: ValuePlace | (() => Promise<ValuePlace>)) {
    this.#source = source;
    this.#place = typeof place === "function" ? undefined : place;
    this.#find = typeof place === "function" ? place : () => Promise.resolve(place);
  }

  /** Its type. @throws {StateError} kind `unresolved` before {@linkcode resolve}, where a pointer or a name leads to it. */
  get type(): Type {
    const { scope, type } = this.#known("type");
    return scope.type(type);
  }

  /** Its address; of a bit field that of the integer that it lies in; undefined for what is in a register. @throws {StateError} as {@linkcode type}. */
  get address(): bigint | undefined {
    const { address, register } = this.#known("address");
    return register ? undefined : address;
  }

  /** The register that has it; undefined for what is in memory. @throws {StateError} as {@linkcode type}. */
  get register(): string | undefined {
    return this.#known("register").register?.name;
  }

  #known(what: string): ValuePlace {
    if (this.#place) return this.#place;
    throw new StateError(
      "unresolved",
      `Cannot tell the ${what} of a value that nobody has looked up yet: await resolve() first`,
    );
  }

  /**
   * Looks up where it is and what; gives itself. Requires `--allow-ffi`; a confined script needs `read-memory` where a pointer leads to it.
   * @throws {EngineError} kind `failed` where a name is unknown, or a pointer on the way is null or leads nowhere.
   */
  async resolve(): Promise<this> {
    await this.#resolved();
    return this;
  }

  async #resolved(): Promise<ValuePlace> {
    const place = this.#place ?? await this.#find();
    await place.scope.complete(place.type);
    return this.#place ??= place;
  }

  /**
   * A member of a struct, class or union, or a base by the name of its type; a pointer or reference to one is followed.
   * @throws {TypeError} for a name that it has not.
   */
  field(name: string): TypedValue {
    requireText("Cannot read a field", "its name", name, false);
    return this.#then((place) => member(this.#source, place, name));
  }

  /**
   * An element of an array, counted from 0; of a pointer the value so many further, also before it.
   * @throws {RangeError} for an index beyond the array.
   */
  at(index: number): TypedValue {
    requireInteger("Cannot read an element", "index", index, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    return this.#then((place) => element(this.#source, place, index));
  }

  /** What a pointer or reference leads to. @throws {TypeError} for what is none. */
  deref(): TypedValue {
    return this.#then((place) => () => follow(this.#source, place));
  }

  /** The same place as a value of another type, as {@linkcode Program.value} takes it. */
  cast(type: string): TypedValue {
    requireText("Cannot cast", "the type", type, false);
    return new TypedValue(this.#source, async () => {
      const place = await this.#resolved();
      const { bits: _, ...rest } = place;
      return { ...rest, ...await lookUpType(this.#source, type) };
    });
  }

  #then(step: (place: ValuePlace) => Found): TypedValue {
    const next = this.#place && isComplete(this.#place.scope, this.#place.scope.record(this.#place.type))
      ? step(this.#place)
      : undefined;
    return new TypedValue(this.#source, next ?? (async () => await arrive(step(await this.#resolved()))));
  }

  /**
   * Reads it: integers of up to four bytes, characters and floating point as number, eight bytes and addresses as bigint; enumerations as
   * {@linkcode EnumValue}; arrays of characters as text up to a zero; arrays of numbers as typed arrays, of others as arrays; structs,
   * classes and unions as objects with all their members, those of bases as their own. References are followed once, pointers never. What
   * has no number in JavaScript (`long double`) is given as bytes. `bytes`: how many it may have, 1 MiB by default.
   *
   * @throws {EngineError} when not all of it is accessible. @throws {RangeError} when it is larger.
   */
  async read(options: { readonly bytes?: number } = {}): Promise<PlainValue> {
    requireOptions("Cannot read a value", options);
    const { bytes: most = MOST_BYTES } = options;
    requireInteger("Cannot read a value", "bytes", most, 1, 2 ** 31);
    const place = await this.#direct();
    const record = place.scope.record(place.type);
    if (record.size > most) {
      throw new RangeError(
        `Cannot read a ${record.name}: it has ${record.size} bytes, more than ${most}; read a part of it, or give bytes`,
      );
    }
    if (isClass(record.kind) && record.size === 0) {
      throw new EngineError(
        "failed",
        `Cannot read a ${record.name}: its module's symbols only name it; cast() says what is there`,
      );
    }
    if (record.kind === "void") throw new TypeError("Cannot read a void: cast() says what is there");
    const first = await readPlace(this.#source, place, record.size);
    return await reading(this.#source, (chunks) => {
      if (chunks.isNew) chunks.add(place.address, first);
      return decode(place.scope, record, chunks, place.address, place.bits);
    });
  }

  /** Its bytes, as they are; of a bit field those of its integer. */
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    const place = await this.#resolved();
    return await readPlace(this.#source, place, place.scope.record(place.type).size);
  }

  /**
   * The text that a pointer to characters leads to, or that an array of them holds: up to its zero or its end, or `length` elements (of `char` bytes).
   * What is no UTF-8 or UTF-16 has U+FFFD in its place: `bytes()` gives it as it is.
   * @throws {TypeError} for what is neither. @throws {RangeError} where nothing ends it within 64 KiB.
   */
  async text(options: { readonly length?: number } = {}): Promise<string> {
    requireOptions("Cannot read a text", options);
    const { length } = options;
    if (length !== undefined) requireInteger("Cannot read a text", "length", length, 0, MOST_TEXT);
    const place = await this.#direct();
    const { kind, name, size, target = 0 } = place.scope.record(place.type);
    const element = kind === "array" || kind === "pointer" ? place.scope.record(target) : undefined;
    if (element?.kind !== "character" && !(element?.kind === "integer" && element.size === 1)) {
      throw new TypeError(`Cannot read a text: ${name} is neither an array of characters nor a pointer to them`);
    }
    const width = element.size;
    if (kind === "array") {
      const most = length === undefined ? MOST_TEXT : length * width;
      if (length !== undefined || size <= most || place.register) {
        return textOf(await readPlace(this.#source, place, Math.min(size, most)), width);
      }
    }
    const { address } = kind === "array" ? place : await follow(this.#source, place);
    if (length !== undefined) return textOf(await this.#source.memory.read(address, length * width), width);
    return textOf(await untilZero(this.#source.memory, address, width), width);
  }

  /**
   * Writes it: a number, bigint or boolean as {@linkcode read} gives it, an enumerator by its name, a text into an array of characters (with its
   * zero), or as many bytes as it has. Structs are written member by member. A confined script needs `write-memory`.
   * @throws {TypeError} for what is no value of its type. @throws {RangeError} for what does not fit.
   */
  async write(value: WritableValue): Promise<void> {
    const place = await this.#direct();
    if (place.register) {
      const next = `thread.writeRegister("${place.register.name}", …) writes it`;
      throw new EngineError("not-supported", `Cannot write a value that is in a register; ${next}`);
    }
    const record = place.scope.record(place.type);
    const write = async (before: Uint8Array<ArrayBuffer>): Promise<void> => {
      await this.#source.memory.write(place.address, encode(place.scope, record, value, before, place.bits));
    };
    if (!place.bits) return await write(new Uint8Array(Math.min(record.size, MOST_BYTES)));
    // One after another: each leaves the bits beside its own as they are.
    await inTurn(this.#source.memory, async () => await write(await readPlace(this.#source, place, record.size)));
  }

  /** Its place, or that of what it refers to. */
  async #direct(): Promise<ValuePlace> {
    const place = await this.#resolved();
    const { scope } = place;
    if (scope.record(place.type).kind !== "reference") return place;
    const target = await follow(this.#source, place);
    await scope.complete(target.type);
    return target;
  }
}

const turns = new WeakMap<Memory, Promise<void>>();

/** Does what must not be done twice at once in a program's memory. */
async function inTurn(memory: Memory, action: () => Promise<void>): Promise<void> {
  const turn = (turns.get(memory) ?? Promise.resolve()).then(action);
  turns.set(memory, turn.catch(() => {}));
  await turn;
}

/** A type by its name. @throws {EngineError} kind `failed` for none. */
export async function lookUpType(
  { types, pointerSize }: ValueSource,
  name: string,
): Promise<{ scope: TypeScope; type: number }> {
  const { base, suffixes } = readTypeName(name);
  const known = basicType(base, pointerSize) ?? (base.includes("!") ? await types("type", base) : null);
  if (known) {
    const tree = withSuffixes(known, suffixes, pointerSize);
    return { scope: new TypeScope(types, tree), type: tree.root };
  }
  const next = base.includes("!")
    ? `execute("dt ${base.split("!")[0]}!*") lists those that symbols know`
    : "write it as module!name; without a module only C's own, like unsigned int, are known";
  throw new EngineError(
    "failed",
    `Cannot find the type ${base}: there is none of the name, or no symbols are loaded; ${next}`,
  );
}

/** A value by its type's name and its address. */
export function valueAt(source: ValueSource, type: string, address: bigint): TypedValue {
  requireText("Cannot use a value", "its type", type, false);
  requireAddress("Cannot use a value", address);
  return new TypedValue(source, async () => ({ ...await lookUpType(source, type), address }));
}
