import { type Com, ComObject } from "../../com/com_object.ts";
import { E_NOINTERFACE, HresultError } from "../../com/hresult.ts";
import { StructView } from "../../com/struct_view.ts";
import type { EngineEvent, EventPlace } from "../../session/engine.ts";
import {
  DEBUG_BREAKPOINT_CODE,
  DEBUG_BREAKPOINT_DATA,
  DEBUG_BREAKPOINT_DEFERRED,
  DEBUG_BREAKPOINT_ENABLED,
  DEBUG_BREAKPOINT_ONE_SHOT,
  DEBUG_STATUS_GO_HANDLED,
  DEBUG_VALUE_INT64,
} from "../generated/constants.ts";
import { IDebugBreakpoint2 } from "../generated/debug_breakpoint.ts";
import { DEBUG_VALUE } from "../generated/structs.ts";
import { addressOf, evaluate } from "./lookups.ts";
import type { EngineObjects, OwnBreakpoint } from "./objects.ts";
import { setTrap, unlessEnding } from "./trap_flag.ts";
import { isWine } from "./windows.ts";

/** Ids of the breakpoints that stand for an entry point, and for the end of a step: far above those that users see. */
const ENTRY_IDS = 0x4c000000;
const STEP_IDS = 0x4d000000;
let lastEntryId = ENTRY_IDS;
let lastStepId = STEP_IDS;

/** Whether a breakpoint is one of {@linkcode breakAtEntry}. */
export function isAtEntry(id: number): boolean {
  return id > ENTRY_IDS && id <= lastEntryId;
}

/** Whether a breakpoint is one of {@linkcode breakAtStepEnd}. */
export function isAtStepEnd(id: number): boolean {
  return id > STEP_IDS && id <= lastStepId;
}

/** Stops the current process, once, at the first instruction of its image. */
export function breakAtEntry(objects: EngineObjects): void {
  const entry = evaluate(objects, "$exentry");
  if (typeof entry !== "bigint" || entry === 0n) return; // an image without one has no such event
  addOwn(objects, ++lastEntryId, entry, DEBUG_BREAKPOINT_ONE_SHOT);
}

/** Sets a breakpoint in the current process where a step is to end; gives its id. */
export function breakAtStepEnd(objects: EngineObjects, address: bigint): number {
  addOwn(objects, ++lastStepId, address);
  return lastStepId;
}

/** Sets one in the current process where Windows has a thread look for handlers of an exception; gives its id, if that can be found. */
export function breakAtDispatch(objects: EngineObjects): number | undefined {
  return breakAtExport(objects, "KiUserExceptionDispatcher");
}

/**
 * The same, and where a thread goes on behind an exception: at both a register points to the CONTEXT with which it is to go on. Gives their
 * names by the ids.
 */
export function breakAtContexts(objects: EngineObjects): [id: number, register: string][] {
  return Object.entries(CONTEXTS).flatMap(([name, register]): [number, string][] => {
    const id = breakAtExport(objects, name);
    return id === undefined ? [] : [[id, register]];
  });
}

const CONTEXTS = { KiUserExceptionDispatcher: "rsp", RtlRestoreContext: "rcx" } as const;

function breakAtExport(objects: EngineObjects, name: string): number | undefined {
  if (objects.isX86) return undefined;
  const address = addressOf(objects, `ntdll!${name}`);
  return address === null ? undefined : breakAtStepEnd(objects, address);
}

function addOwn(objects: EngineObjects, id: number, address: bigint, flags = 0): void {
  add(objects, id, address, flags);
  objects.ownBreakpoints.set(id, { processId: objects.currentProcess(), address, flags });
}

function add({ control }: EngineObjects, id: number, address: bigint, flags = 0): void {
  const breakpoint = lent(control.AddBreakpoint2(DEBUG_BREAKPOINT_CODE, id));
  breakpoint.SetOffset(address);
  breakpoint.AddFlags(DEBUG_BREAKPOINT_ENABLED | flags);
}

/** Takes a breakpoint of the current process away, if it is there. */
export function removeBreakpoint({ control, ownBreakpoints }: EngineObjects, id: number): void {
  ownBreakpoints.delete(id);
  try {
    control.RemoveBreakpoint2(lent(control.GetBreakpointById2(id)));
  } catch (error) {
    if (!(error instanceof HresultError)) throw error; // its process has ended, or somebody has cleared it
  }
}

/** A process is not debugged any more: the next one of its number has none of its breakpoints. */
export function forgetOwn({ ownBreakpoints }: EngineObjects, processId: number): void {
  for (const [id, own] of [...ownBreakpoints]) if (own.processId === processId) ownBreakpoints.delete(id);
}

/**
 * Does what users ask for, who neither see breakpoints that they have not set nor clear them by `bc *`, nor disable them.
 * @param runs Whether it may have programs run, which come to such a breakpoint then: it is only put in again.
 */
export function besideOwn<T>(objects: EngineObjects, runs: boolean, action: () => T): T {
  const { ownBreakpoints } = objects;
  if (ownBreakpoints.size === 0) return action();
  if (!runs) forOwn(objects, (id) => objects.control.RemoveBreakpoint2(lent(objects.control.GetBreakpointById2(id))));
  try {
    return action();
  } finally {
    forOwn(objects, (id, { address, flags }) => {
      if (hasBreakpoint(objects, id)) return;
      removeBreakpoint(objects, id);
      addOwn(objects, id, address, flags);
    });
  }
}

/** Goes to the process of each, if that is there, and comes back. */
function forOwn(objects: EngineObjects, action: (id: number, own: OwnBreakpoint) => void): void {
  const { ownBreakpoints, system } = objects;
  const processId = objects.currentProcess();
  const thread = processId === 0 ? undefined : system.GetCurrentThreadId();
  for (const [id, own] of [...ownBreakpoints]) if (objects.tryFocus(own)) unlessEnding(() => action(id, own));
  if (objects.currentProcess() === processId || !objects.tryFocus({ processId })) return;
  if (thread !== undefined) system.SetCurrentThreadId(thread);
}

/** The engine's number of the thread whose breakpoint it is; undefined for one of all threads, and for one of the processor. */
export function threadOf(breakpoint: Com<IDebugBreakpoint2>): number | undefined {
  if (breakpoint.GetType().BreakType !== DEBUG_BREAKPOINT_CODE) return undefined; // it is in no other thread's registers
  try {
    return breakpoint.GetMatchThreadId();
  } catch (error) {
    if (error instanceof HresultError && error.hresult === E_NOINTERFACE) return undefined;
    throw error;
  }
}

/** The breakpoints of the current process, if there is one, but those that are the engine's own. */
export function allBreakpoints(objects: EngineObjects): Com<IDebugBreakpoint2>[] {
  const { control } = objects;
  const count = objects.currentProcess() === 0 ? 0 : control.GetNumberBreakpoints();
  return Array.from({ length: count }, (_, index) => unlessPrivate(() => control.GetBreakpointByIndex2(index))).flat();
}

/** That of `g ADDRESS` counts among the others, is there yet when something else has stopped the program, and is given to nobody. */
function unlessPrivate(get: () => bigint): Com<IDebugBreakpoint2>[] {
  try {
    return [lent(get())];
  } catch (error) {
    if (error instanceof HresultError && error.hresult === E_NOINTERFACE) return [];
    throw error;
  }
}

/** The same as {@linkcode disarm} where an event is answered, if it is an exception that nobody took and does not now. */
export function disarmDying(
  objects: EngineObjects,
  event: EngineEvent | EventPlace | undefined,
  answer: number | undefined,
): void {
  if (answer === undefined || answer === DEBUG_STATUS_GO_HANDLED) return;
  const isDying = event && "type" in event && event.type === "exception" && !event.firstChance;
  if (isDying && objects.tryFocus(event)) disarm(objects);
}

/**
 * Takes the breakpoints of the current process out, which is about to end by an exception that nobody took. At each end of a thread the
 * engine would write them out and back, and under Wine the process does that itself: it waits for its own lock for ever, if a thread
 * that was ended has held that.
 */
export function disarm(objects: EngineObjects): void {
  if (!isWine()) return;
  for (const breakpoint of allBreakpoints(objects)) breakpoint.RemoveFlags(DEBUG_BREAKPOINT_ENABLED);
}

/** Whether a breakpoint is for a module that is not there yet: it has no address. */
export function isDeferred(breakpoint: Com<IDebugBreakpoint2>): boolean {
  return (breakpoint.GetFlags() & DEBUG_BREAKPOINT_DEFERRED) !== 0;
}

/** Whether the current process has an enabled breakpoint at an address: its instruction is to be stepped over to go on. */
export function hasBreakpointAt(objects: EngineObjects, address: bigint): boolean {
  return allBreakpoints(objects).some((breakpoint) => isArmedAt(breakpoint, address));
}

function isArmedAt(breakpoint: Com<IDebugBreakpoint2>, address: bigint): boolean {
  return (breakpoint.GetFlags() & DEBUG_BREAKPOINT_ENABLED) !== 0 && !isDeferred(breakpoint) &&
    breakpoint.GetOffset() === address;
}

/** Takes the breakpoints of the current process that are at an address out for a while; gives their ids. */
export function takeOut(objects: EngineObjects, address: bigint): number[] {
  return takeOutAll(objects, (breakpoint) => isArmedAt(breakpoint, address));
}

function takeOutAll(objects: EngineObjects, isMeant: (breakpoint: Com<IDebugBreakpoint2>) => boolean): number[] {
  const armed = allBreakpoints(objects).filter(isMeant);
  for (const breakpoint of armed) breakpoint.RemoveFlags(DEBUG_BREAKPOINT_ENABLED);
  return armed.map((breakpoint) => breakpoint.GetId());
}

/** Does something while breakpoints are out for which there is no memory: the engine cannot put these in, and runs nothing as long as they are there. */
export function withoutUnreadable<T>(objects: EngineObjects, processes: Iterable<number>, action: () => T): T {
  const current = objects.currentProcess();
  const out: [processId: number, ids: number[]][] = [];
  for (const processId of processes) {
    if (objects.tryFocus({ processId })) out.push([processId, takeOutAll(objects, (each) => !canRead(objects, each))]);
  }
  objects.tryFocus({ processId: current });
  try {
    return action();
  } finally {
    for (const [processId, ids] of out) if (ids.length > 0 && objects.tryFocus({ processId })) putIn(objects, ids);
  }
}

/** Whether there is memory for a breakpoint that is set, and of code; true of others. */
function canRead({ spaces }: EngineObjects, breakpoint: Com<IDebugBreakpoint2>): boolean {
  const isArmed = (breakpoint.GetFlags() & DEBUG_BREAKPOINT_ENABLED) !== 0 && !isDeferred(breakpoint);
  if (!isArmed || breakpoint.GetType().BreakType !== DEBUG_BREAKPOINT_CODE) return true;
  try {
    return spaces.ReadVirtual(breakpoint.GetOffset(), new Uint8Array(1), 1) === 1;
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    return false;
  }
}

/** Puts breakpoints in again, those that are there yet. */
export function putIn(objects: EngineObjects, ids: readonly number[]): void {
  for (const breakpoint of allBreakpoints(objects)) {
    if (ids.includes(breakpoint.GetId())) breakpoint.AddFlags(DEBUG_BREAKPOINT_ENABLED);
  }
}

/** Whether the current process has a breakpoint of the processor (`ba`). */
export function hasDataBreakpoint(objects: EngineObjects): boolean {
  return allBreakpoints(objects).some((breakpoint) => breakpoint.GetType().BreakType === DEBUG_BREAKPOINT_DATA);
}

/** Whether the current process has a breakpoint that is enabled. */
export function hasBreakpoint({ control }: EngineObjects, id: number): boolean {
  try {
    return (lent(control.GetBreakpointById2(id)).GetFlags() & DEBUG_BREAKPOINT_ENABLED) !== 0;
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    return false;
  }
}

/** The engine keeps the only reference to a breakpoint: none is released here. */
function lent(pointer: bigint): Com<IDebugBreakpoint2> {
  return ComObject.from(IDebugBreakpoint2, pointer);
}

/** dr7 switches the others on, so it is cleared first. */
const DEBUG_REGISTERS = ["dr7", "dr6", "dr0", "dr1", "dr2", "dr3"];

/**
 * Takes every trace of the debugger out of the current process before it is let go: its breakpoints, and what data breakpoints
 * and steps left in the registers of its threads, which would end it without a debugger.
 */
export function clearBreakpoints(objects: EngineObjects): void {
  const { control, system } = objects;
  for (const breakpoint of allBreakpoints(objects)) control.RemoveBreakpoint2(breakpoint);
  const count = system.GetNumberThreads();
  const ids = new Uint32Array(count);
  if (count > 0) system.GetThreadIdsByIndex(0, count, ids, null);
  for (const id of ids) {
    unlessEnding(() => {
      system.SetCurrentThreadId(id);
      clearDebugRegisters(objects);
      setTrap(objects, false);
    });
  }
}

function clearDebugRegisters({ registers }: EngineObjects): void {
  const zero = new StructView(DEBUG_VALUE).set("Type", DEBUG_VALUE_INT64).bytes;
  const value = new StructView(DEBUG_VALUE);
  for (const name of DEBUG_REGISTERS) {
    const index = registers.GetIndexByNameWide(name);
    registers.GetValue(index, value.bytes);
    if (value.get("I64") !== 0n) registers.SetValue(index, zero);
  }
}
