import { E_NOINTERFACE, S_OK } from "./hresult.ts";
import { guidText } from "./guid.ts";
import { addressOf, readBytes, readNarrow, readWide, writeBytes } from "./memory.ts";
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
 * The object begins with one reference, its maker's, which disposal gives back. The callbacks are closed only once native
 * code released its own references too. It answers `E_NOINTERFACE` to all but its own interface and those that it extends.
 * Requires `--allow-ffi`.
 */
export class ComCallback<T> implements Disposable {
  readonly #callbacks: NativeCallback[] = [];
  readonly #vtable: BigUint64Array<ArrayBuffer>;
  /** One word: the address of the vtable. Native code points here. */
  readonly #object = new BigUint64Array(1);
  readonly #iids = new Set<string>();
  #references = 1;
  #disposed = false;

  constructor(table: InterfaceTable<T>, handlers: Partial<T>, options: ComCallbackOptions = {}) {
    this.#vtable = new BigUint64Array(table.slots);
    const own: Partial<IUnknown> = {
      QueryInterface: undefined as never,
      AddRef: () => ++this.#references,
      Release: () => this.#release(),
    };
    for (let level: InterfaceTable | null = table; level; level = level.base) {
      this.#iids.add(level.iid);
      for (const [name, method] of Object.entries(level.methods)) {
        const source = level === IUnknown ? own : handlers;
        const handler = (source as Record<string, ((...values: unknown[]) => unknown) | undefined>)[name];
        const callback = name === "QueryInterface"
          ? this.#queryInterface()
          : nativeCallback(name, method, handler?.bind(source), options);
        this.#callbacks.push(callback);
        this.#vtable[method.slot] = BigInt(Deno.UnsafePointer.value(callback.pointer));
      }
    }
    this.#object[0] = addressOf(this.#vtable);
  }

  /** The interface pointer to hand to native code. */
  get pointer(): bigint {
    return addressOf(this.#object);
  }

  /** References that are held now; 0 once the callbacks are closed or about to be. */
  get references(): number {
    return this.#references;
  }

  /** Gives the maker's reference back. Idempotent. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#release();
  }

  #release(): number {
    this.#references--;
    // Native code may be inside Release at this moment: the callback it runs in must outlive the call.
    if (this.#references === 0) setTimeout(() => this.#close(), 0);
    return this.#references;
  }

  #close(): void {
    for (const callback of this.#callbacks.splice(0)) callback.close();
  }

  #queryInterface(): NativeCallback {
    const answer = (_self: bigint, iid: bigint, out: bigint): number => {
      const known = this.#iids.has(guidText(readBytes(iid, 16)));
      if (known) this.#references++;
      writeBytes(out, new Uint8Array(BigUint64Array.of(known ? this.pointer : 0n).buffer));
      return known ? S_OK : E_NOINTERFACE;
    };
    return new Deno.UnsafeCallback(
      { parameters: ["u64", "u64", "u64"], result: "i32" },
      answer,
    ) as unknown as NativeCallback;
  }
}

const NATIVE_TYPES: Partial<Record<ParameterKind, Deno.NativeType>> = {
  u8: "u8",
  u16: "u16",
  u32: "u32",
  i32: "i32",
  i64: "i64",
  f64: "f64",
};

function nativeCallback(
  name: string,
  method: Method,
  handler: ((...values: unknown[]) => unknown) | undefined,
  options: ComCallbackOptions,
): NativeCallback {
  const { parameters } = method;
  const inputs = parameters.flatMap(({ kind }, index) => kind.startsWith("out ") ? [] : [{ kind, index }]);
  const outs = parameters.flatMap(({ kind, name }, index) => kind.startsWith("out ") ? [{ kind, name, index }] : []);
  const fallback = options.defaultResult ?? S_OK;
  const run = (_self: bigint, ...values: (number | bigint)[]): number => {
    if (!handler) return fallback;
    try {
      return answer(outs, values, handler(...inputs.map(({ kind, index }) => receive(kind, values[index] as bigint))));
    } catch (error) {
      (options.onError ?? reportError)(error, name);
      return fallback;
    }
  };
  const types: Deno.NativeType[] = ["u64", ...parameters.map((parameter) => NATIVE_TYPES[parameter.kind] ?? "u64")];
  return new Deno.UnsafeCallback({ parameters: types, result: "i32" }, run as never) as NativeCallback;
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
