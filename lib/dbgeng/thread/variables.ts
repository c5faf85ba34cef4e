/** Variables: of the whole program, and of functions that are being executed. */
import { ComObject } from "../../com/com_object.ts";
import { HresultError } from "../../com/hresult.ts";
import { StructView } from "../../com/struct_view.ts";
import { EngineError } from "../../session/errors.ts";
import {
  isClass,
  type LocalRecord,
  type TypeReference,
  type TypeTree,
  type VariableRecord,
} from "../../session/type_records.ts";
import { plainSymbol, short, symbolFault } from "../expressions.ts";
import {
  DEBUG_FRAME_DEFAULT,
  DEBUG_REGSRC_FRAME,
  DEBUG_SCOPE_GROUP_ALL,
  DEBUG_SYMBOL_IS_ARGUMENT,
} from "../generated/constants.ts";
import { IDebugSymbolGroup2 } from "../generated/debug_symbol_group.ts";
import { IDebugSymbols5 } from "../generated/debug_symbols.ts";
import { DEBUG_STACK_FRAME, DEBUG_SYMBOL_PARAMETERS, DEBUG_VALUE } from "../generated/structs.ts";
import { type FoundSymbol, Symbols, TAG } from "./dbghelp.ts";
import { type KnownImage, moduleBase, withEngineNames } from "./module_names.ts";
import { type EngineObjects, readText } from "./objects.ts";
import { withOwnScope } from "./scopes.ts";
import { typeTree } from "./types.ts";

/** `SYMFLAG_TLSREL`: the address is within what each thread has of its own. */
const OF_THREAD = 0x4000;
/** `SYMFLAG_VALUEPRESENT`, `SYMFLAG_CONSTANT` */
const CONSTANT = 0x101;
/** What a name may stand for that is a type. */
const TYPES: readonly (number | undefined)[] = [
  TAG.class,
  TAG.enumeration,
  TAG.pointer,
  TAG.array,
  TAG.basic,
  TAG.typedef,
  TAG.functionType,
];

/** A variable as `module!name`; null when there is none of the name. */
export function variable(objects: EngineObjects, name: string, known?: KnownImage): VariableRecord | null {
  const symbols = new Symbols(objects);
  const found = find(symbols, objects, name, known);
  if (!found) return null;
  if (found.flags & CONSTANT) {
    throw new EngineError("failed", `Cannot read ${short(name)}: it is a constant, ${found.value}, and lies nowhere`);
  }
  if (found.type === 0) {
    const next = "give its type: program.value(type, address)";
    throw new EngineError("failed", `Cannot tell the type of ${short(name)}: its module's symbols have none; ${next}`);
  }
  const address = found.flags & OF_THREAD ? addressInThread(objects, name, known) : found.address;
  return { ...typeTree(symbols, found.module, found.type), address };
}

function find(symbols: Symbols, objects: EngineObjects, name: string, known?: KnownImage): FoundSymbol | undefined {
  refuseName("variable", name);
  const found = symbols.find(plainSymbol(name));
  if (found || !name.includes("!")) return found;
  const changed = withEngineNames(objects, name, known);
  return changed === name ? undefined : symbols.find(plainSymbol(changed));
}

/** The engine knows where a thread has its own; the thread is the engine's current one. */
function addressInThread(objects: EngineObjects, name: string, known?: KnownImage): bigint {
  return objects.symbols.GetOffsetByNameWide(plainSymbol(withEngineNames(objects, name, known)));
}

/** A type as `module!name`, or by its id; null when there is none of the name. */
export function type(objects: EngineObjects, which: TypeReference, known?: KnownImage): TypeTree | null {
  const symbols = new Symbols(objects);
  if (typeof which === "object") return typeTree(symbols, which.module, which.id);
  refuseName("type", which);
  for (const full of new Set([which, withEngineNames(objects, which, known)])) {
    const [, module = "", name = ""] = /^([^!]+)!(.+)$/s.exec(full) ?? [];
    const base = moduleBase(objects, module);
    const id = base === undefined ? undefined : symbols.findType(base, name);
    if (base === undefined || id === undefined || !TYPES.includes(symbols.number(base, id, "tag"))) continue;
    return typeTree(symbols, base, id);
  }
  return null;
}

function refuseName(what: string, name: string): void {
  const fault = symbolFault(name);
  if (fault !== undefined) throw new TypeError(`Cannot look up the ${what} ${short(name)}: it is ${fault}`);
}

/** The parameters and locals of a frame of the current thread, the innermost being 0; with other registers than the engine's, if they are given. */
export function locals(objects: EngineObjects, frame: number, context?: Uint8Array<ArrayBuffer>): LocalRecord[] {
  return withOwnScope(objects, () => {
    try {
      if (context) objects.symbols.SetScope(0n, null, context, context.length);
      setScope(objects, frame); // counts from the registers of the scope, as `.frame` does behind `.cxr`
    } catch (error) {
      throw error instanceof HresultError ? noFrame(frame, error) : error;
    }
    using group = ComObject.from(IDebugSymbolGroup2, objects.symbols.GetScopeSymbolGroup2(DEBUG_SCOPE_GROUP_ALL, null));
    return localsOf(objects, group);
  });
}

/** Counts as stacks do: what was inlined has frames of its own, which `SetScopeFrameByIndex` leaves out. */
function setScope({ symbols }: EngineObjects, frame: number): void {
  using frames = symbols.query(IDebugSymbols5);
  frames.SetScopeFrameByIndexEx(DEBUG_FRAME_DEFAULT, frame);
}

function noFrame(frame: number, details = {}): EngineError {
  return new EngineError(
    "failed",
    `Cannot look into frame ${frame}: the stack is shorter, or cannot be walked`,
    details,
  );
}

type Group = ReturnType<typeof ComObject.from<IDebugSymbolGroup2>>;

function localsOf(objects: EngineObjects, group: Group): LocalRecord[] {
  const count = group.GetNumberSymbols();
  const { size } = DEBUG_SYMBOL_PARAMETERS;
  const bytes = new Uint8Array(count * size);
  if (count > 0) group.GetSymbolParameters(0, count, bytes);
  const symbols = new Symbols(objects);
  const isInnermost = scopeStack(objects) === objects.registers.GetStackOffset();
  const budget = { members: 0 };
  return Array.from({ length: count }, (_, index) => {
    const view = new StructView(DEBUG_SYMBOL_PARAMETERS, bytes, index * size);
    const isParameter = (view.get("Flags") & DEBUG_SYMBOL_IS_ARGUMENT) !== 0;
    const tree = typeTree(symbols, view.get("Module"), view.get("TypeId"), budget);
    const { kind } = tree.types.find(({ id }) => id === tree.root) ?? { kind: "unknown" };
    const hasParts = isClass(kind) || kind === "array";
    return {
      name: readText((buffer, length) => group.GetSymbolNameWide(index, buffer, length)),
      kind: isParameter ? "parameter" : "local",
      ...tree,
      ...placeOf(objects, group, index, isInnermost, hasParts),
    };
  });
}

/** The stack pointer of the frame that is looked into. */
function scopeStack({ symbols }: EngineObjects): bigint {
  const frame = new StructView(DEBUG_STACK_FRAME);
  symbols.GetScope(frame.bytes, null, 0);
  return frame.get("StackOffset");
}

/** Registers that a function may use as it likes: what its caller had there is gone. */
const VOLATILE = /^(?:[er]?[acd]x|[acd][hl]|r(?:8|9|10|11)[bdw]?|[xyz]mm[0-5](?:\D.*)?|[wx](?:\d|1[0-7]))$/;

/** Bytes of a register, by its `DEBUG_VALUE_…`. */
const REGISTERS: readonly number[] = [0, 1, 2, 4, 8, 4, 8, 10, 11, 16, 8, 16];

/** Neither an address nor a register: the compiler has not kept it up to here. */
function placeOf(
  objects: EngineObjects,
  group: Group,
  index: number,
  isInnermost: boolean,
  hasParts: boolean,
): Pick<LocalRecord, "address" | "register"> {
  const address = attempt(() => group.GetSymbolOffset(index));
  if (address !== undefined) return { address };
  const register = attempt(() => group.GetSymbolRegister(index));
  if (register === undefined || hasParts) return {}; // the engine tells one register of several, and not which part it has
  const name = readText((buffer, size) => objects.registers.GetDescriptionWide(register, buffer, size, null));
  if (!isInnermost && VOLATILE.test(name)) return {};
  const value = new Uint8Array(DEBUG_VALUE.size);
  const isRead = attempt(() => objects.registers.GetValues2(DEBUG_REGSRC_FRAME, 1, null, register, value) ?? true);
  const size = REGISTERS[new StructView(DEBUG_VALUE, value).get("Type")] ?? 0;
  return isRead ? { register: { name, bytes: value.slice(0, size) } } : {};
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    return undefined;
  }
}
