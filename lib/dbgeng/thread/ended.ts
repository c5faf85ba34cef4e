/** Programs that came to an end in a way that the engine does not tell of: killed or ending while it held them. */
import { HresultError } from "../../com/hresult.ts";
import { clearBreakpoints } from "./breakpoints.ts";
import type { EngineObjects } from "./objects.ts";

const symbols = {
  OpenProcess: { parameters: ["u32", "i32", "u32"], result: "usize" },
  CloseHandle: { parameters: ["usize"], result: "i32" },
  GetProcessId: { parameters: ["usize"], result: "u32" },
  GetExitCodeProcess: { parameters: ["usize", "buffer"], result: "i32" },
  WaitForSingleObject: { parameters: ["usize", "u32"], result: "u32" },
} as const satisfies Deno.ForeignLibraryInterface;

let kernel: Deno.DynamicLibrary<typeof symbols> | undefined;

function kernel32(): Deno.DynamicLibrary<typeof symbols>["symbols"] {
  kernel ??= Deno.dlopen("kernel32.dll", symbols);
  return kernel.symbols;
}

const WAIT_OBJECT_0 = 0;
const SYNCHRONIZE = 0x100000;
const PROCESS_QUERY_LIMITED_INFORMATION = 0x1000;
/** How long a killed process, or thread, takes at most, in milliseconds, to be gone. */
const LAST_STEPS = 50;
/** How long an ending process takes at most, in milliseconds, once it is let go. */
const DYING = 5_000;

/** A process that is not debugged any more. */
export interface EndedProcess {
  readonly processId: number;
  /** Undefined where it runs on. */
  readonly exitCode: number | undefined;
}

/** Visits every process of the engine as its current one. Those of a system that cannot be asked any more are left out. */
export function forEachProcess(objects: EngineObjects, visit: (processId: number) => void): void {
  const { system } = objects;
  for (const systemId of objects.systemIds()) {
    try {
      system.SetCurrentSystemId(systemId);
      const ids = new Uint32Array(system.GetNumberProcesses());
      if (ids.length > 0) system.GetProcessIdsByIndex(0, ids.length, ids, null);
      for (const id of ids) {
        system.SetCurrentProcessId(id);
        visit(system.GetCurrentProcessSystemId());
      }
    } catch (error) {
      if (!(error instanceof HresultError)) throw error;
    }
  }
}

/** Takes out of the engine what has ended while it was held. Gives these processes. */
export function dropEnded(objects: EngineObjects): EndedProcess[] {
  const ended: EndedProcess[] = [];
  forEachProcess(objects, () => {
    const process = dropIfEnded(objects, LAST_STEPS);
    if (process) ended.push(process);
  });
  return ended;
}

/** The same for the current process alone; undefined while it runs, for some milliseconds at least. */
export function dropIfEnded({ client, system }: EngineObjects, milliseconds = 0): EndedProcess | undefined {
  try {
    const processId = system.GetCurrentProcessSystemId();
    const handle = system.GetCurrentProcessHandle();
    // That of another machine means something else here, or nothing.
    const exitCode = kernel32().GetProcessId(handle) === processId ? exitCodeOf(handle, milliseconds) : undefined;
    if (exitCode === undefined) return undefined;
    client.DetachCurrentProcess();
    return { processId, exitCode };
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    return undefined; // there is no current process
  }
}

/**
 * Takes out the process of the last event, which holds it in the middle of its end: the thread of the event has ended, and all
 * waits fail. Let go, it ends, or runs on if somebody ended that thread alone. Undefined where that was not the reason.
 */
export function dropEnding(objects: EngineObjects): EndedProcess | undefined {
  const { client, system } = objects;
  const { GetProcessId, OpenProcess, CloseHandle, WaitForSingleObject } = kernel32();
  let handle = 0n;
  try {
    system.SetCurrentProcessId(system.GetEventProcess());
    const processId = system.GetCurrentProcessSystemId();
    if (GetProcessId(system.GetCurrentProcessHandle()) !== processId) return undefined; // of another machine
    system.SetCurrentThreadId(system.GetEventThread());
    if (WaitForSingleObject(system.GetCurrentThreadHandle(), LAST_STEPS) !== WAIT_OBJECT_0) return undefined;
    handle = OpenProcess(SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION, 0, processId);
    clearBreakpoints(objects); // its other threads may run into them
    client.DetachCurrentProcess();
    return { processId, exitCode: exitCodeOf(handle, DYING) };
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    return undefined; // there is no such process
  } finally {
    if (handle !== 0n) CloseHandle(handle);
  }
}

/** Undefined while it runs, for some milliseconds at least. */
function exitCodeOf(handle: bigint, milliseconds: number): number | undefined {
  const { WaitForSingleObject, GetExitCodeProcess } = kernel32();
  const code = new Uint32Array(1);
  const isEnded = WaitForSingleObject(handle, milliseconds) === WAIT_OBJECT_0 && GetExitCodeProcess(handle, code) !== 0;
  return isEnded ? code[0] : undefined;
}
