/** Looking into a stopped program. The caller has made the program and the thread the engine's current ones. */
import { HresultError } from "../../com/hresult.ts";
import { StructView } from "../../com/struct_view.ts";
import type { RegisterValue } from "../../session/engine.ts";
import { EngineError } from "../../session/errors.ts";
import {
  DEBUG_REGSRC_DEBUGGEE,
  DEBUG_REGSRC_EXPLICIT,
  DEBUG_VALUE_FLOAT32,
  DEBUG_VALUE_FLOAT64,
  DEBUG_VALUE_INT16,
  DEBUG_VALUE_INT32,
  DEBUG_VALUE_INT64,
  DEBUG_VALUE_INT8,
} from "../generated/constants.ts";
import { DEBUG_VALUE } from "../generated/structs.ts";
import { isServerGone } from "./failures.ts";
import { type EngineObjects, readText } from "./objects.ts";
import { withOwnScope } from "./scopes.ts";

/** Ids of the current program's threads. */
export function threadIds({ system }: EngineObjects): number[] {
  const count = system.GetNumberThreads();
  const ids = new Uint32Array(count);
  if (count > 0) system.GetThreadIdsByIndex(0, count, null, ids);
  return [...ids];
}

/** The current thread's registers by name, sub-registers included; others than the engine's, if they are given. */
export function registers(objects: EngineObjects, context?: Uint8Array<ArrayBuffer>): Record<string, RegisterValue> {
  if (!context) return registersOf(objects, DEBUG_REGSRC_DEBUGGEE);
  return withOwnScope(objects, () => {
    objects.symbols.SetScope(0n, null, context, context.length);
    return registersOf(objects, DEBUG_REGSRC_EXPLICIT);
  });
}

function registersOf(objects: EngineObjects, source: number): Record<string, RegisterValue> {
  const { registers } = objects;
  const count = registers.GetNumberRegisters();
  const bytes = new Uint8Array(count * DEBUG_VALUE.size);
  // Some processors lack some: those keep type 0 and are left out, which is why single failures do not matter here.
  try {
    registers.GetValues2(source, count, null, 0, bytes);
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
  }
  const result: Record<string, RegisterValue> = {};
  const names = registerNamesOf(objects);
  for (let index = 0; index < count; index++) {
    const view = new StructView(DEBUG_VALUE, bytes, index * DEBUG_VALUE.size);
    if (view.get("Type") === 0) continue;
    const name = names[index] ??= readText((buffer, size) => registers.GetDescriptionWide(index, buffer, size, null));
    result[name] = valueOf(view);
  }
  return result;
}

/** By processor type: each has its own. */
const registerNames = new Map<number, string[]>();

function registerNamesOf({ control }: EngineObjects): string[] {
  const type = control.GetEffectiveProcessorType();
  const names = registerNames.get(type) ?? [];
  registerNames.set(type, names);
  return names;
}

/** An integer register of the current thread. */
export function readRegister({ registers }: EngineObjects, name: string): bigint {
  const view = new StructView(DEBUG_VALUE);
  registers.GetValue(registers.GetIndexByNameWide(name), view.bytes);
  return valueOf(view) as bigint;
}

/** Sets one register of the current thread. `context`: that of a thread whose registers the engine does not know. */
export function writeRegister(
  { registers }: EngineObjects,
  name: string,
  value: bigint | number,
  context?: Uint8Array<ArrayBuffer>,
): void {
  if (context) {
    const reason = "its thread is inside Wine's 64-bit part; let it run to an event of its own code";
    throw new EngineError("not-supported", `Cannot write register ${name}: ${reason}`);
  }
  const index = registers.GetIndexByNameWide(name);
  const view = new StructView(DEBUG_VALUE);
  registers.GetValue(index, view.bytes);
  const type = view.get("Type");
  if (type === DEBUG_VALUE_FLOAT64) view.set("F64", Number(value));
  else if (type >= DEBUG_VALUE_INT8 && type <= DEBUG_VALUE_INT64) view.set("I64", integerOf(name, type, value));
  else throw new TypeError(`Cannot write register ${name}: only integer and double registers can be written`);
  registers.SetValue(index, view.bytes);
}

/** An integer of a register's width, with or without a sign, as its bits. */
function integerOf(name: string, type: number, value: bigint | number): bigint {
  const bits = 8n << BigInt(type - DEBUG_VALUE_INT8);
  const isInteger = typeof value === "bigint" || Number.isSafeInteger(value);
  if (isInteger && BigInt(value) >= -(1n << (bits - 1n)) && BigInt(value) < 1n << bits) {
    return BigInt.asUintN(64, BigInt(value));
  }
  throw new RangeError(`Cannot write register ${name}: ${value} is no integer of ${bits} bits`);
}

/** What the engine gives for a register or an expression. */
export function valueOf(view: StructView<typeof DEBUG_VALUE>): RegisterValue {
  switch (view.get("Type")) {
    case DEBUG_VALUE_INT8:
      return BigInt(view.get("I8"));
    case DEBUG_VALUE_INT16:
      return BigInt(view.get("I16"));
    case DEBUG_VALUE_INT32:
      return BigInt(view.get("I32"));
    case DEBUG_VALUE_INT64:
      return view.get("I64");
    case DEBUG_VALUE_FLOAT32:
      return view.get("F32");
    case DEBUG_VALUE_FLOAT64:
      return view.get("F64");
    default: // 80-bit floats and vectors have no number in JavaScript
      return view.bytes.slice(0, 16);
  }
}

/** Reads memory; throws when not all of it can be read. */
export function read({ spaces }: EngineObjects, address: bigint, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  if (length === 0) return bytes;
  let done = 0;
  try {
    done = spaces.ReadVirtual(address, bytes, length);
  } catch (error) {
    throw memoryFailure("read", address, length, 0, error);
  }
  if (done < length) throw memoryFailure("read", address, length, done);
  return bytes;
}

/** Writes memory; gives the bytes written and throws when not all could be. */
export function write({ spaces }: EngineObjects, address: bigint, bytes: Uint8Array<ArrayBuffer>): number {
  if (bytes.length === 0) return 0;
  let done = 0;
  try {
    done = spaces.WriteVirtual(address, bytes, bytes.length);
  } catch (error) {
    throw memoryFailure("write", address, bytes.length, 0, error);
  }
  if (done < bytes.length) throw memoryFailure("write", address, bytes.length, done);
  return done;
}

function memoryFailure(verb: string, address: bigint, length: number, done: number, error?: unknown): Error {
  if (error instanceof HresultError && isServerGone(error)) return error;
  const details = error instanceof HresultError ? error : {};
  const where = `${length} bytes at 0x${address.toString(16)}`;
  return new EngineError("failed", `Cannot ${verb} ${where}: ${done} of them are accessible there`, details);
}
