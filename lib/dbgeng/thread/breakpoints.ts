import { ComObject } from "../../com/com_object.ts";
import { HresultError } from "../../com/hresult.ts";
import { StructView } from "../../com/struct_view.ts";
import {
  DEBUG_BREAKPOINT_CODE,
  DEBUG_BREAKPOINT_ENABLED,
  DEBUG_BREAKPOINT_ONE_SHOT,
  DEBUG_VALUE_INT64,
} from "../generated/constants.ts";
import { IDebugBreakpoint2 } from "../generated/debug_breakpoint.ts";
import { DEBUG_VALUE } from "../generated/structs.ts";
import { evaluate } from "./inspect.ts";
import type { EngineObjects } from "./objects.ts";

/** Ids of the breakpoints that stand for an entry point: far above those that users see. */
const ENTRY_IDS = 0x4c000000;
let lastEntryId = ENTRY_IDS;

/** Whether a breakpoint is one of {@linkcode breakAtEntry}. */
export function isAtEntry(id: number): boolean {
  return id > ENTRY_IDS && id <= lastEntryId;
}

/** Stops the current process, once, at the first instruction of its image. */
export function breakAtEntry(objects: EngineObjects): void {
  const entry = evaluate(objects, "$exentry");
  if (typeof entry !== "bigint" || entry === 0n) return; // an image without one has no such event
  // The engine keeps the only reference to a breakpoint: none is released here.
  const pointer = objects.control.AddBreakpoint2(DEBUG_BREAKPOINT_CODE, ++lastEntryId);
  const breakpoint = ComObject.from(IDebugBreakpoint2, pointer);
  breakpoint.SetOffset(entry);
  breakpoint.AddFlags(DEBUG_BREAKPOINT_ENABLED | DEBUG_BREAKPOINT_ONE_SHOT);
}

/** dr7 switches the others on, so it is cleared first. */
const DEBUG_REGISTERS = ["dr7", "dr6", "dr0", "dr1", "dr2", "dr3"];

/**
 * Takes every trace of the debugger out of the current process before it is let go: its breakpoints, and what data
 * breakpoints left in the debug registers of its threads, which would end it without a debugger.
 */
export function clearBreakpoints(objects: EngineObjects): void {
  const { control, system } = objects;
  for (let index = control.GetNumberBreakpoints() - 1; index >= 0; index--) {
    // The engine keeps the only reference to a breakpoint: none is released here.
    control.RemoveBreakpoint2(ComObject.from(IDebugBreakpoint2, control.GetBreakpointByIndex2(index)));
  }
  const count = system.GetNumberThreads();
  const ids = new Uint32Array(count);
  if (count > 0) system.GetThreadIdsByIndex(0, count, ids, null);
  for (const id of ids) {
    try {
      system.SetCurrentThreadId(id);
      clearDebugRegisters(objects);
    } catch (error) {
      if (!(error instanceof HresultError)) throw error; // the thread is ending: it takes its registers with it
    }
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
