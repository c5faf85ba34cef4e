/**
 * What a C++ program threw, as Visual C++ describes it in the exception's parameters: the object, and by a table in its module which
 * types it can be caught as.
 * @module
 */
import { HresultError } from "../../com/hresult.ts";
import { EngineError } from "../../session/errors.ts";
import { read } from "./inspect.ts";
import type { EngineObjects } from "./objects.ts";
import { readNarrow, undecorate } from "./names.ts";

/** `EH_MAGIC_NUMBER1` to 3 of the compiler's versions. */
const MAGIC = [0x19930520n, 0x19930521n, 0x19930522n];
const EXCEPTION = ".?AVexception@std@@";
/** Types that one object is looked through for at most: a class has a handful of bases. */
const MOST_TYPES = 64;

const NOT_VIRTUAL = 0xffffffff;
/** In the attributes of a ThrowInfo. */
const POINTS_TO_CONST = 1;

/** One type that the object can be caught as. */
interface CatchableType {
  /** Decorated. */
  readonly name: string;
  /** Where in the object it begins; undefined for a virtual base, which only the object itself knows. */
  readonly offset: number | undefined;
}

/** Type of what was thrown, and the text of a `std::exception`; undefined where they cannot be read. */
export function describeThrown(objects: EngineObjects, parameters: readonly bigint[]): string | undefined {
  const [magic = 0n, object = 0n, info = 0n, image] = parameters;
  if (!MAGIC.includes(magic)) return undefined;
  if (info === 0n) return "thrown again";
  const types = ifReadable(() => catchableTypes(objects, info, image)) ?? [];
  const [thrown] = types;
  if (!thrown) return undefined;
  const offset = types.find(({ name }) => name === EXCEPTION)?.offset;
  const text = offset === undefined
    ? undefined
    : ifReadable(() => whatOf(objects, object + BigInt(offset), image !== undefined));
  const isConst = ifReadable(() => ((read(objects, info, 1)[0] ?? 0) & POINTS_TO_CONST) !== 0);
  const type = undecorate(thrown.name);
  const name = isConst ? type.replace(/\*$/, "const *") : type; // `char *` with the mark is `char const *`
  return text ? `${name}: ${text}` : name;
}

/** Undefined where the memory is not there, as in small dumps. */
function ifReadable<T>(get: () => T): T | undefined {
  try {
    return get();
  } catch (error) {
    if (error instanceof HresultError || error instanceof EngineError) return undefined;
    throw error;
  }
}

/** The thrown type first. In 64-bit programs the tables hold offsets in the image, in 32-bit ones addresses. */
function catchableTypes(objects: EngineObjects, info: bigint, image: bigint | undefined): CatchableType[] {
  const words = (at: bigint, count: number): number[] => [...new Uint32Array(read(objects, at, 4 * count).buffer)];
  const place = (offset: number): bigint => (image ?? 0n) + BigInt(offset);
  const [, , , array = 0] = words(info, 4); // ThrowInfo: attributes, destructor, forward, types
  const [count = 0] = words(place(array), 1);
  return words(place(array) + 4n, Math.min(count, MOST_TYPES)).map((type) => {
    // CatchableType: properties, descriptor, place in the object, and where a virtual base's place is looked up
    const [, descriptor = 0, offset, table] = words(place(type), 4);
    const name = place(descriptor) + (image === undefined ? 8n : 16n); // TypeDescriptor: two pointers, name
    return { name: readNarrow(objects, name) ?? "", offset: table === NOT_VIRTUAL ? offset : undefined };
  });
}

/** `std::exception` is its table of functions and the pointer to its text. */
function whatOf(objects: EngineObjects, exception: bigint, isWide: boolean): string | undefined {
  const size = isWide ? 8 : 4;
  const bytes = read(objects, exception + BigInt(size), size).buffer;
  const text = isWide ? new BigUint64Array(bytes)[0] ?? 0n : BigInt(new Uint32Array(bytes)[0] ?? 0);
  return text === 0n ? undefined : readNarrow(objects, text);
}
