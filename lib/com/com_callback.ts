import { E_NOINTERFACE, S_OK } from "./hresult.ts";
import { Gate, methodsOf } from "./gate.ts";
import { guidBytes, guidText } from "./guid.ts";
import { readBytes, readNarrow, readWide, writeBytes } from "./memory.ts";
import { type InterfaceTable, IUnknown, type Method, type ParameterKind } from "./tables.ts";

/** How a {@linkcode ComCallback} answers what its handlers do not. */
export interface ComCallbackOptions {
  /** What methods without a handler return, and handlers that throw. @default {0} */
  readonly defaultResult?: number;
  /** Told of what a handler threw: native code in between cannot carry an exception. @default {reportError} */
  readonly onError?: (error: unknown, method: string) => void;
}

type NativeCallback = Deno.UnsafeCallback<{ parameters: Deno.NativeType[]; result: "i32" }>;

/**
 * A COM object written in TypeScript: native code calls its handlers, on the thread that made it.
 *
 * Handlers get what the table's parameters carry: numbers, bigints, text as strings (`null` for a null pointer), addresses of
 * buffers. What the interface gives back through a pointer, a handler returns (`GetInterestMask(): number`); otherwise its
 * number is the method's result, and nothing is `S_OK`.
 *
 * Calls of other threads that carry numbers and one text at most are answered with the default result at once; the handler gets them when
 * the call of a {@linkcode ComObject} that its own thread is in, or the next one, comes back. (On ARM, and with other parameters, such a
 * thread waits until that of the object is idle.)
 *
 * The object begins with one reference, its maker's, which disposal gives back. The callbacks are closed only once native
 * code released its own references too. It answers `E_NOINTERFACE` to all but its own interface and those that it extends.
 * Requires `--allow-ffi`.
 */
export class ComCallback<T> implements Disposable {
  readonly #callbacks: NativeCallback[] = [];
  readonly #gate: Gate;
  readonly #iids: readonly string[];
  readonly #later = new Map<number, (values: readonly bigint[]) => void>();
  #disposed = false;
  #isClosing = false;

  constructor(table: InterfaceTable<T>, handlers: Partial<T>, options: ComCallbackOptions = {}) {
    const own: Partial<IUnknown> = { AddRef: () => this.#gate.count(1), Release: () => this.#release() };
    const targets: bigint[] = [];
    for (const [name, method] of methodsOf(table)) {
      const isOwn = method.slot < IUnknown.slots;
      const source = (isOwn ? own : handlers) as Record<string, ((...values: unknown[]) => unknown) | undefined>;
      const run = isOwn
        ? runner(name, method, source[name], options)
        : this.#inOrder(method, runner(name, method, source[name]?.bind(source), options));
      const callback = name === "QueryInterface" ? this.#queryInterface() : nativeCallback(method, run);
      this.#callbacks.push(callback);
      targets[method.slot] = BigInt(Deno.UnsafePointer.value(callback.pointer));
    }
    this.#iids = iidsOf(table);
    const iids = Uint8Array.from(this.#iids.flatMap((iid) => [...guidBytes(iid)]));
    this.#gate = new Gate(table, iids, targets, options.defaultResult ?? S_OK, {
      take: (slot, values) => this.#later.get(slot)?.(values),
      released: () => this.#close(),
    });
  }

  /** The interface pointer to hand to native code. */
  get pointer(): bigint {
    return this.#gate.pointer;
  }

  /** References that are held now; 0 once the callbacks are closed or about to be. */
  get references(): number {
    return this.#gate.references;
  }

  /** Gives the maker's reference back. Idempotent. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#release();
  }

  /** What other threads said before comes first. */
  #inOrder(method: Method, run: Run): Run {
    const { slot, parameters } = method;
    this.#later.set(
      slot,
      (values) => void run(0n, ...parameters.map(({ kind }, index) => numberOf(kind, values[index] as bigint))),
    );
    return (...values) => {
      this.#gate.takeCalls();
      return run(...values);
    };
  }

  #release(): number {
    const left = this.#gate.count(-1);
    if (left === 0) this.#close();
    return left;
  }

  #close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#gate.close();
    // Native code may be inside Release at this moment: the callback it runs in must outlive the call.
    setTimeout(() => {
      for (const callback of this.#callbacks.splice(0)) callback.close();
    }, 0);
  }

  #queryInterface(): NativeCallback {
    const answer = (_self: bigint, iid: bigint, out: bigint): number => {
      const known = this.#iids.includes(guidText(readBytes(iid, 16)));
      if (known) this.#gate.count(1);
      writeBytes(out, new Uint8Array(BigUint64Array.of(known ? this.pointer : 0n).buffer));
      return known ? S_OK : E_NOINTERFACE;
    };
    return new Deno.UnsafeCallback(
      { parameters: ["u64", "u64", "u64"], result: "i32" },
      answer,
    ) as unknown as NativeCallback;
  }
}

function iidsOf(table: InterfaceTable): string[] {
  return [table.iid, ...table.base ? iidsOf(table.base) : []];
}

const NATIVE_TYPES: Partial<Record<ParameterKind, Deno.NativeType>> = {
  u8: "u8",
  u16: "u16",
  u32: "u32",
  i32: "i32",
  i64: "i64",
  f64: "f64",
};

type Run = (self: bigint, ...values: (number | bigint)[]) => number;

function runner(
  name: string,
  { parameters }: Method,
  handler: ((...values: unknown[]) => unknown) | undefined,
  options: ComCallbackOptions,
): Run {
  const inputs = parameters.flatMap(({ kind }, index) => kind.startsWith("out ") ? [] : [{ kind, index }]);
  const outs = parameters.flatMap(({ kind, name }, index) => kind.startsWith("out ") ? [{ kind, name, index }] : []);
  const fallback = options.defaultResult ?? S_OK;
  return (_self, ...values) => {
    if (!handler) return fallback;
    try {
      return answer(outs, values, handler(...inputs.map(({ kind, index }) => receive(kind, values[index] as bigint))));
    } catch (error) {
      (options.onError ?? reportError)(error, name);
      return fallback;
    }
  };
}

function nativeCallback({ parameters }: Method, run: Run): NativeCallback {
  const types: Deno.NativeType[] = ["u64", ...parameters.map((parameter) => NATIVE_TYPES[parameter.kind] ?? "u64")];
  return new Deno.UnsafeCallback({ parameters: types, result: "i32" }, run as never) as NativeCallback;
}

/** What Deno makes of an argument's 64 bits. */
function numberOf(kind: ParameterKind, value: bigint): number | bigint {
  const bits = Number(/^[ui](8|16|32)$/.exec(kind)?.[1] ?? 64);
  if (bits === 64) return kind === "i64" ? BigInt.asIntN(64, value) : value;
  return Number(kind.startsWith("i") ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value));
}

function receive(kind: ParameterKind, value: number | bigint): unknown {
  switch (kind) {
    case "wide":
      return readWide(value as bigint);
    case "string":
      return readNarrow(value as bigint);
    case "guid":
      return value === 0n ? null : guidText(readBytes(value as bigint, 16));
    case "interface":
      return value === 0n ? null : { pointer: value };
    default:
      return value;
  }
}

interface Out {
  readonly kind: ParameterKind;
  readonly name: string;
  readonly index: number;
}

/** Writes what the handler gave back through the out pointers, or takes it for the method's own result. */
function answer(outs: readonly Out[], values: (number | bigint)[], result: unknown): number {
  if (outs.length === 0) return typeof result === "number" ? result | 0 : S_OK;
  for (const { kind, name, index } of outs) {
    const value = outs.length === 1 ? result : (result as Record<string, unknown>)[name];
    if (values[index] !== 0n) writeBytes(values[index] as bigint, scalarBytes(kind, value as number | bigint));
  }
  return S_OK;
}

function scalarBytes(kind: ParameterKind, value: number | bigint): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(8));
  if (typeof value === "bigint") view.setBigUint64(0, value, true);
  else if (kind === "out f64") view.setFloat64(0, value, true);
  else view.setUint32(0, value >>> 0, true);
  const bits = Number(/\d+$/.exec(kind)?.[0] ?? 64);
  return new Uint8Array(view.buffer, 0, bits / 8);
}
