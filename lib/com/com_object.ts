import { guidBytes } from "./guid.ts";
import { HresultError } from "./hresult.ts";
import { enterFrame, FIRST_ARGUMENT, Frame, leaveFrame, MAX_ARGUMENTS } from "./invoke.ts";
import { addressOf, encodeNarrow, encodeWide } from "./memory.ts";
import { type InterfaceTable, IUnknown, type Method, type ParameterKind } from "./tables.ts";
import { type BigintKind, fitsBigint, fitsNumber, type NumberKind, rangeText } from "./widths.ts";

/** A COM interface pointer with the methods of its table. */
export type Com<T> = ComObject & T;

/**
 * A COM object, called as its table says: arguments are checked and turned into what the method takes, results given back
 * through pointers become the return value (several of them an object with Microsoft's parameter names), a failure throws
 * {@linkcode HresultError}.
 *
 * It owns one reference: `using` releases it. Only the thread that the object belongs to may call it.
 * Requires `--allow-ffi`.
 */
export class ComObject implements Disposable {
  /** The interface pointer; 0n after the release. */
  pointer: bigint;
  /** What the last call returned: tells `S_FALSE` from `S_OK` where that matters. */
  lastHresult = 0;

  /** Not for users: {@linkcode ComObject.from} gives an object with methods. */
  constructor(pointer: bigint) {
    this.pointer = pointer;
  }

  /** Takes over one reference to `pointer`, which is an interface of the given table. */
  static from<T>(table: InterfaceTable<T>, pointer: bigint): Com<T> {
    if (pointer === 0n) throw new TypeError(`Cannot make an ${table.name}: the pointer is null`);
    return new (classOf(table))(pointer) as Com<T>;
  }

  /** Asks the object for another interface; throws `E_NOINTERFACE` as {@linkcode HresultError} when it has none. */
  query<T>(table: InterfaceTable<T>): Com<T> {
    const pointer = (this as unknown as IUnknown).QueryInterface(table.iid);
    return ComObject.from(table, pointer);
  }

  /** Releases the reference. Further calls throw. */
  [Symbol.dispose](): void {
    if (this.pointer === 0n) return;
    (this as unknown as IUnknown).Release();
    this.pointer = 0n;
  }
}

const classes = new WeakMap<InterfaceTable, typeof ComObject>();

function classOf(table: InterfaceTable): typeof ComObject {
  const known = classes.get(table);
  if (known) return known;
  const base = table.base ? classOf(table.base) : ComObject;
  const made = class extends base {};
  Object.defineProperty(made, "name", { value: table.name });
  for (const [name, method] of Object.entries(table.methods)) {
    Object.defineProperty(made.prototype, name, { value: methodOf(name, method) });
  }
  classes.set(table, made);
  return made;
}

type Value = string | number | bigint | ArrayBufferView | { readonly pointer: bigint } | null;

function methodOf(name: string, method: Method): (this: ComObject, ...values: Value[]) => unknown {
  const { slot, parameters } = method;
  const kinds = parameters.map((parameter) => parameter.kind);
  const names = parameters.map((parameter) => parameter.name);
  const isOut = kinds.map((kind) => kind.startsWith("out "));
  const outs = isOut.flatMap((out, index) => out ? [index] : []);
  const expected = kinds.length - outs.length;
  const failing = method.result === "HRESULT";
  /** What `%s` of the format means: text of the method's own kind. */
  const text = name.endsWith("Wide") ? "wide" : "string";

  return function (this: ComObject, ...values: Value[]): unknown {
    if (this.pointer === 0n) throw new TypeError(`Cannot call ${name}: the object was released`);
    if (values.length !== expected && !(method.variadic && values.length > expected)) {
      throw new TypeError(`Cannot call ${name}: it takes ${expected} arguments, not ${values.length}`);
    }
    const frame = enterFrame();
    try {
      let given = 0;
      for (let index = 0; index < kinds.length; index++) {
        if (isOut[index]) passCell(frame, index);
        else pass(frame, index, kinds[index] as ParameterKind, values[given++] as Value, name, names[index] as string);
      }
      let count = kinds.length;
      while (given < values.length) {
        const kind = variadicKind(values[given], text);
        pass(frame, count, kind, values[given++] as Value, name, `argument ${++count}`);
      }
      if (count > MAX_ARGUMENTS) throw new TypeError(`Cannot call ${name}: more than ${MAX_ARGUMENTS} arguments`);
      const result = frame.call(this.pointer, slot, count);
      if (failing) {
        this.lastHresult = result;
        if (result < 0) throw new HresultError(name, result);
      }
      return outs.length > 0 ? givenBack(frame, outs, kinds, names) : failing ? undefined : result >>> 0;
    } finally {
      leaveFrame();
    }
  };
}

function givenBack(frame: Frame, outs: number[], kinds: ParameterKind[], names: string[]): unknown {
  if (outs.length === 1) return cellValue(frame, outs[0] as number, kinds[outs[0] as number] as ParameterKind);
  const result: Record<string, unknown> = {};
  for (const index of outs) result[names[index] as string] = cellValue(frame, index, kinds[index] as ParameterKind);
  return result;
}

function passCell(frame: Frame, index: number): void {
  frame.words[Frame.cell(index)] = 0n;
  frame.words[FIRST_ARGUMENT + index] = frame.cells[index] as bigint;
}

function cellValue(frame: Frame, index: number, kind: ParameterKind): number | bigint {
  const cell = Frame.cell(index);
  switch (kind) {
    case "out u64":
    case "out interface":
      return frame.words[cell] as bigint;
    case "out i64":
      return frame.signed[cell] as bigint;
    case "out f64":
      return frame.doubles[cell] as number;
    case "out i32":
      return frame.ints[2 * cell] as number;
    default: // u8, u16, u32: the rest of the cell was zero before the call
      return frame.uints[2 * cell] as number;
  }
}

function variadicKind(value: Value | undefined, text: "wide" | "string"): ParameterKind {
  if (typeof value === "bigint") return "u64";
  if (typeof value !== "number") return text;
  return value < 0 ? "i32" : "u32";
}

/** Writes one argument into the frame. Only what native code would take for something else is checked here: the rest is the compiler's. */
function pass(frame: Frame, index: number, kind: ParameterKind, value: Value, method: string, parameter: string): void {
  const word = FIRST_ARGUMENT + index;
  switch (kind) {
    case "u8":
    case "u16":
    case "u32":
    case "i32":
      if (typeof value !== "number") throw wrong(method, parameter, "an integer", value);
      if (!fitsNumber(kind, value)) throw beyond(method, parameter, kind, value);
      frame.uints[2 * word] = value;
      frame.uints[2 * word + 1] = 0;
      return;
    case "u64":
    case "i64":
      if (typeof value !== "bigint") throw wrong(method, parameter, "a bigint", value);
      if (!fitsBigint(kind, value)) throw beyond(method, parameter, kind, value);
      frame.words[word] = value;
      return;
    case "f64":
      throw wrong(method, parameter, "nothing: calls with a floating-point argument are not made", value);
    default:
      frame.words[word] = pointerTo(frame, index, kind, value, method, parameter);
  }
}

function pointerTo(
  frame: Frame,
  index: number,
  kind: ParameterKind,
  value: Value,
  method: string,
  parameter: string,
): bigint {
  if (value === null) return 0n;
  if (typeof value === "bigint") {
    if (kind === "buffer" && !fitsBigint("u64", value)) throw beyond(method, parameter, "u64", value);
    if (kind === "buffer") return value;
  } else if (typeof value === "string") {
    if (value.includes("\0")) throw new TypeError(`Cannot call ${method}: ${parameter} holds a zero character`);
    const bytes = kind === "wide"
      ? encodeWide(value)
      : kind === "string"
      ? encodeNarrow(value)
      : kind === "guid"
      ? guidBytes(value)
      : null;
    if (bytes) return hold(frame, index, bytes);
  } else if (ArrayBuffer.isView(value)) {
    if (kind !== "interface") return hold(frame, index, value);
  } else if (kind === "interface" && typeof value === "object" && typeof value.pointer === "bigint") {
    return value.pointer;
  }
  throw wrong(method, parameter, `of kind ${kind}`, value);
}

function hold(frame: Frame, index: number, view: ArrayBufferView): bigint {
  frame.held[index] = view;
  return view.byteLength === 0 ? 0n : addressOf(view);
}

function beyond(method: string, parameter: string, kind: NumberKind | BigintKind, value: number | bigint): RangeError {
  return new RangeError(`Cannot call ${method}: ${parameter} must be an integer ${rangeText(kind)}, not ${value}`);
}

function wrong(method: string, parameter: string, wanted: string, value: unknown): TypeError {
  return new TypeError(`Cannot call ${method}: ${parameter} must be ${wanted}, not ${typeof value}`);
}
