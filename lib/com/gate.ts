/**
 * Lets foreign threads call a callback object without having to wait for its own thread.
 *
 * Deno has a foreign thread wait until the object's own thread is idle. But the engine prints from threads of its own while the one
 * that we called it on waits for these: then both wait for ever. So on 64-bit Intel Windows each slot of a callback object begins with
 * machine code ({@linkcode gateCode}) that asks which thread it is on. On a foreign one it puts a copy of the call on the object's
 * list and is done; the object's own thread makes these calls as soon as one of its own has come back, or has come by.
 *
 * Elsewhere (Windows on ARM, unit tests on Linux) there is no gate, and foreign threads wait.
 * @module
 */
import { CALL, type Foreign, type Functions, gateCode, MOST_ARGUMENTS, WORDS } from "./gate_code.ts";
import { addressOf, encodeNarrow, readBytes } from "./memory.ts";
import { makeExecutable, PAGE, runsMachineCode, takePages } from "./pages.ts";
import { type InterfaceTable, IUnknown, type Method } from "./tables.ts";

const symbols = {
  GetModuleHandleA: { parameters: ["buffer"], result: "usize" },
  GetProcAddress: { parameters: ["usize", "buffer"], result: "usize" },
  GetCurrentThreadId: { parameters: [], result: "u32" },
} as const satisfies Deno.ForeignLibraryInterface;
const crtSymbols = { free: { parameters: ["usize"], result: "void" } } as const satisfies Deno.ForeignLibraryInterface;

let kernel: Deno.DynamicLibrary<typeof symbols>["symbols"] | undefined;
let crt: Deno.DynamicLibrary<typeof crtSymbols>["symbols"] | undefined;

/** A callback object that foreign threads call. */
export interface Gated {
  /** Makes a call that a foreign thread made, on the object's own one. Text lies where the value says until this returns. */
  take(slot: number, values: readonly bigint[]): void;
  /** Native code has given its last reference back, on a foreign thread. */
  released(): void;
}

const gates: Gate[] = [];

/** Makes the calls that foreign threads made meanwhile. */
export function takeForeignCalls(): void {
  for (let index = 0; index < gates.length; index++) gates[index]?.takeCalls();
}

/** The native side of a callback object: its words, and the vtable that they begin with. */
export class Gate {
  readonly #words: BigUint64Array<ArrayBuffer>;
  readonly #uints: Int32Array<ArrayBuffer>;
  readonly #vtable: BigUint64Array<ArrayBuffer>;
  readonly #gated: Gated;

  /**
   * @param iids Bytes of the IIDs that the object answers to.
   * @param targets By slot, the callbacks of the object's own thread.
   * @param answer What methods answer foreign threads.
   */
  constructor(
    table: InterfaceTable,
    readonly iids: Uint8Array<ArrayBuffer>,
    targets: readonly bigint[],
    answer: number,
    gated: Gated,
  ) {
    const memory = new ArrayBuffer(8 * (WORDS.targets + table.slots));
    this.#gated = gated;
    this.#words = new BigUint64Array(memory);
    this.#uints = new Int32Array(memory);
    this.#words.set(targets, WORDS.targets);
    this.#vtable = vtableOf(table) ?? this.#words.slice(WORDS.targets);
    this.#words[WORDS.vtable] = addressOf(this.#vtable);
    this.#words[WORDS.references] = 1n;
    this.#words[WORDS.iids] = addressOf(iids);
    this.#words[WORDS.iidCount] = BigInt(iids.length / 16);
    this.#words[WORDS.answer] = BigInt.asUintN(32, BigInt(answer));
    if (!runsMachineCode()) return;
    this.#words[WORDS.thread] = BigInt(kernel32().GetCurrentThreadId());
    gates.push(this);
  }

  /** The interface pointer. */
  get pointer(): bigint {
    return addressOf(this.#words);
  }

  /** References that are held now. */
  get references(): number {
    return Atomics.load(this.#uints, 2 * WORDS.references);
  }

  /** Takes a reference, or gives one back; how many there are then. */
  count(difference: 1 | -1): number {
    return Atomics.add(this.#uints, 2 * WORDS.references, difference) + difference;
  }

  /** Makes the calls on the list, the oldest first. */
  takeCalls(): void {
    const low = 2 * WORDS.calls;
    if ((this.#uints[low] as number | 0) !== 0 || this.#uints[low + 1] !== 0) this.#takeCalls();
    if (this.#uints[2 * WORDS.references] === 0) this.#gated.released();
  }

  #takeCalls(): void {
    const signed = new BigInt64Array(this.#words.buffer);
    const calls: BigUint64Array[] = [];
    const addresses: bigint[] = [];
    for (let at = BigInt.asUintN(64, Atomics.exchange(signed, WORDS.calls, 0n)); at !== 0n;) {
      const call = new BigUint64Array(readBytes(at, 8 * CALL.text).buffer);
      addresses.push(at);
      calls.push(call);
      at = call[CALL.before] as bigint;
    }
    try {
      for (const call of calls.reverse()) this.#gated.take(Number(call[CALL.slot]), [...call.subarray(CALL.arguments)]);
    } finally {
      crt ??= Deno.dlopen("msvcrt.dll", crtSymbols).symbols;
      for (const address of addresses) crt.free(address);
    }
  }

  /** No call is to come. */
  close(): void {
    const index = gates.indexOf(this);
    if (index >= 0) gates.splice(index, 1);
  }
}

function kernel32(): Deno.DynamicLibrary<typeof symbols>["symbols"] {
  return kernel ??= Deno.dlopen("kernel32.dll", symbols).symbols;
}

const vtables = new Map<InterfaceTable, BigUint64Array<ArrayBuffer>>();

/** The vtable of all callback objects of an interface, made once; undefined where there are no gates. */
function vtableOf(table: InterfaceTable): BigUint64Array<ArrayBuffer> | undefined {
  if (!runsMachineCode()) return undefined;
  const known = vtables.get(table);
  if (known) return known;
  const functions = cFunctions();
  const code = Array.from(
    methodsOf(table),
    ([name, method]) => gateCode(method.slot, foreignOf(name, method), functions),
  );
  const count = Math.ceil(code.flat().length / PAGE);
  const { address, memory } = takePages(count);
  const vtable = new BigUint64Array(table.slots);
  let at = 0;
  for (const [index, [, { slot }]] of methodsOf(table).entries()) {
    const bytes = code[index] ?? [];
    new Uint8Array(memory).set(bytes, at);
    vtable[slot] = address + BigInt(at);
    at += bytes.length;
  }
  makeExecutable(address, count);
  vtables.set(table, vtable);
  return vtable;
}

/** The methods of an interface and of all that it extends. */
export function methodsOf(table: InterfaceTable): [string, Method][] {
  return [...table.base ? methodsOf(table.base) : [], ...Object.entries(table.methods)];
}

const UNKNOWN: Readonly<Record<string, Foreign>> = {
  QueryInterface: { does: "query" },
  AddRef: { does: "add" },
  Release: { does: "release" },
};

const NUMBERS = /^[ui]\d+$/;

/** What a method does on a foreign thread: undefined where that has to wait, for what the method gives back or is lent. */
function foreignOf(name: string, { slot, parameters }: Method): Foreign | undefined {
  if (slot < IUnknown.slots) return UNKNOWN[name];
  const texts = parameters.flatMap(({ kind }, index) => NUMBERS.test(kind) ? [] : [{ kind, index }]);
  if (texts.length > 1 || parameters.length > MOST_ARGUMENTS) return undefined;
  const [text] = texts;
  if (!text) return { does: "later" };
  if (text.kind !== "wide" && text.kind !== "string") return undefined;
  return { does: "later", text: { index: text.index, wide: text.kind === "wide" } };
}

function cFunctions(): Functions {
  const { GetModuleHandleA, GetProcAddress } = kernel32();
  crt ??= Deno.dlopen("msvcrt.dll", crtSymbols).symbols;
  const library = GetModuleHandleA(encodeNarrow("msvcrt.dll"));
  const find = (name: string): bigint => GetProcAddress(library, encodeNarrow(name));
  return { malloc: find("malloc"), memcpy: find("memcpy"), strlen: find("strlen"), wcslen: find("wcslen") };
}
