/** The breakpoints that users set. The caller has made the program the engine's current one. */
import { type Com, ComObject } from "../../com/com_object.ts";
import { HresultError } from "../../com/hresult.ts";
import { StructView } from "../../com/struct_view.ts";
import type { BreakpointChange, BreakpointRecord, BreakpointRequest } from "../../session/breakpoint_records.ts";
import { EngineError } from "../../session/errors.ts";
import { nearest } from "../../session/near.ts";
import { MAX_SYMBOL, plainSymbol, short } from "../expressions.ts";
import {
  DEBUG_BREAKPOINT_CODE,
  DEBUG_BREAKPOINT_ENABLED,
  DEBUG_BREAKPOINT_ONE_SHOT,
  DEBUG_VALUE_INT64,
} from "../generated/constants.ts";
import { IDebugBreakpoint2 } from "../generated/debug_breakpoint.ts";
import { DEBUG_VALUE } from "../generated/structs.ts";
import { allBreakpoints, isDeferred, threadOf } from "./breakpoints.ts";
import type { EventReceiver } from "./events.ts";
import { text } from "./kernel.ts";
import { addressOf } from "./lookups.ts";
import { type KnownImage, moduleBase, withEngineNames } from "./module_names.ts";
import { type EngineObjects, readText } from "./objects.ts";

/**
 * Ids of those that are set here count up from this one, far above those that commands get. The engine itself gives a number that is free again:
 * when a command has taken one away, its hits would be those of another.
 */
let nextId = 10_000;

type Alteration = Exclude<BreakpointChange, { add: unknown }>;

/** Names that are looked through for those that somebody may have meant. */
const MOST_NAMES = 3_000;

/** What is no name in an expression: the engine would take it, and never find it. */
const OPERATOR = /\boperator\W/;

/** Makes a change, and gives the breakpoint that it is about, if it is there then; all without a change. */
export function userBreakpoints(
  objects: EngineObjects,
  { hits, images }: EventReceiver,
  processId: number,
  change?: BreakpointChange,
): BreakpointRecord[] {
  hits.counts.giveBack();
  if (!change) {
    const threads = threadNumbers(objects);
    return all(objects).map((each) => recordOf(each, threads));
  }
  const changed = "add" in change ? add(objects, change.add, images.known(processId)) : alter(objects, change);
  return changed ? [recordOf(changed, threadNumbers(objects))] : [];
}

/** Those that users have set. */
function all(objects: EngineObjects): Com<IDebugBreakpoint2>[] {
  return allBreakpoints(objects).filter((each) => !objects.ownBreakpoints.has(each.GetId()));
}

function add(objects: EngineObjects, request: BreakpointRequest, known?: KnownImage): Com<IDebugBreakpoint2> {
  const { control } = objects;
  const { where, once, pass, threadId } = request;
  const place = typeof where === "bigint" ? where : placeOf(objects, where, known);
  const thread = threadId === null ? undefined : threadOfSystem(objects, threadId);
  const breakpoint = ComObject.from(IDebugBreakpoint2, control.AddBreakpoint2(DEBUG_BREAKPOINT_CODE, nextId++));
  try {
    if (typeof place === "bigint") breakpoint.SetOffset(place);
    else setSymbol(objects, breakpoint, place);
    if (pass > 1) breakpoint.SetPassCount(pass);
    if (thread !== undefined) breakpoint.SetMatchThreadId(thread);
    breakpoint.AddFlags(DEBUG_BREAKPOINT_ENABLED | (once ? DEBUG_BREAKPOINT_ONE_SHOT : 0));
    return breakpoint;
  } catch (error) {
    control.RemoveBreakpoint2(breakpoint);
    throw error;
  }
}

function threadOfSystem({ system }: EngineObjects, threadId: number): number {
  try {
    return system.GetThreadIdBySystemId(threadId);
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    const next = "program.threads() lists those there are";
    throw new EngineError(
      "failed",
      `Cannot set a breakpoint for thread ${threadId}: the program has none of that id; ${next}`,
      error,
    );
  }
}

/** By name, so that it comes back with its module; by address where the engine's expressions read the name in another way. */
function setSymbol(objects: EngineObjects, breakpoint: Com<IDebugBreakpoint2>, { symbol, address }: Place): void {
  if (address !== null && !isValueOf(objects, symbol, address)) return breakpoint.SetOffset(address);
  if (address === null && OPERATOR.test(symbol)) {
    const next = "set it when the module is loaded";
    throw new EngineError("failed", `Cannot set a breakpoint at ${short(symbol)} before its module is there: ${next}`);
  }
  breakpoint.SetOffsetExpressionWide(symbol);
}

function isValueOf({ control }: EngineObjects, symbol: string, address: bigint): boolean {
  const value = new StructView(DEBUG_VALUE);
  try {
    const length = control.EvaluateWide(symbol, DEBUG_VALUE_INT64, value.bytes);
    return length === symbol.length && value.get("I64") === address;
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    return false;
  }
}

/** A symbol as the engine calls it, with its address; null while its module is not there. */
interface Place {
  readonly symbol: string;
  readonly address: bigint | null;
}

function placeOf(objects: EngineObjects, where: string, known?: KnownImage): Place {
  const address = addressOf(objects, where, known);
  const symbol = withEngineNames(objects, where, known);
  const [module = "", name = ""] = symbol.split(/!(.*)/s);
  if (name === "") {
    throw new EngineError(
      "failed",
      `Cannot set a breakpoint at ${short(where)}: it names no module; write module!function`,
    );
  }
  if (address === null && moduleBase(objects, module) !== undefined) {
    const near = nearNames(objects, module, name);
    const next = near.length > 0 ? `near it are ${near.join(", ")}` : `execute("x ${module}!*") lists what it has`;
    throw new EngineError(
      "failed",
      `Cannot set a breakpoint at ${short(where)}: ${module} has nothing of that name; ${next}`,
    );
  }
  return { symbol, address };
}

/** Those with the same first letter. */
function nearNames({ symbols }: EngineObjects, module: string, name: string): string[] {
  const names: string[] = [];
  const buffer = new Uint8Array(2 * MAX_SYMBOL);
  let handle: bigint | undefined;
  try {
    handle = symbols.StartSymbolMatchWide(`${module}!${plainSymbol(name.slice(0, 1))}*`);
    while (names.length < MOST_NAMES) {
      symbols.GetNextSymbolMatchWide(handle, buffer, MAX_SYMBOL); // asked for again it would give the next one
      names.push(text(buffer));
    }
  } catch (error) {
    if (!(error instanceof HresultError)) throw error; // there are none, or no more
  } finally {
    if (handle !== undefined) symbols.EndSymbolMatch(handle);
  }
  return nearest(`${module}!${name}`, names, 5);
}

/** Gives it, if it is there then. */
function alter(objects: EngineObjects, change: Alteration): Com<IDebugBreakpoint2> | undefined {
  const id = "enable" in change ? change.enable : "disable" in change ? change.disable : change.remove;
  const breakpoint = all(objects).find((each) => each.GetId() === id);
  if (!breakpoint) return undefined; // it has gone with its hit, or a command took it away
  if ("enable" in change) breakpoint.AddFlags(DEBUG_BREAKPOINT_ENABLED);
  else if ("disable" in change) breakpoint.RemoveFlags(DEBUG_BREAKPOINT_ENABLED);
  else objects.control.RemoveBreakpoint2(breakpoint);
  return "remove" in change ? undefined : breakpoint;
}

function recordOf(breakpoint: Com<IDebugBreakpoint2>, threads: ReadonlyMap<number, number>): BreakpointRecord {
  const flags = breakpoint.GetFlags();
  const thread = threadOf(breakpoint);
  return {
    id: breakpoint.GetId(),
    kind: breakpoint.GetType().BreakType === DEBUG_BREAKPOINT_CODE ? "code" : "data",
    location: locationOf(breakpoint),
    address: isDeferred(breakpoint) ? null : breakpoint.GetOffset(),
    enabled: (flags & DEBUG_BREAKPOINT_ENABLED) !== 0,
    once: (flags & DEBUG_BREAKPOINT_ONE_SHOT) !== 0,
    passes: Math.max(1, breakpoint.GetCurrentPassCount()),
    threadId: thread === undefined ? null : threads.get(thread) ?? null,
  };
}

function locationOf(breakpoint: Com<IDebugBreakpoint2>): string {
  try {
    return readText((buffer, size) => breakpoint.GetOffsetExpressionWide(buffer, size));
  } catch (error) {
    if (!(error instanceof HresultError)) throw error; // it was set by its address
    return `0x${breakpoint.GetOffset().toString(16)}`;
  }
}

/** Windows' ids of the threads by the engine's. */
function threadNumbers({ system }: EngineObjects): Map<number, number> {
  const count = system.GetNumberThreads();
  const [ids, systemIds] = [new Uint32Array(count), new Uint32Array(count)];
  if (count > 0) system.GetThreadIdsByIndex(0, count, ids, systemIds);
  return new Map([...ids].map((id, index) => [id, systemIds[index] ?? 0]));
}
