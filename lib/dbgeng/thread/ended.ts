/** Programs that came to an end in a way that the engine does not tell of: killed while it held them. */
import { HresultError } from "../../com/hresult.ts";
import type { EngineObjects } from "./objects.ts";

const symbols = {
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
/** How long a process takes at most, in milliseconds, from the loss of its threads to its end. */
const DYING = 500;

/** A process that has ended. */
export interface EndedProcess {
  readonly processId: number;
  readonly exitCode: number;
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

/**
 * Takes out of the engine what has ended while it was held: a wait fails with ERROR_GEN_FAILURE then, as every later one
 * would. Gives these processes; none where that was not the reason.
 */
export function dropEnded(objects: EngineObjects): EndedProcess[] {
  const ended: EndedProcess[] = [];
  for (const end = performance.now() + DYING; ended.length === 0 && performance.now() < end;) {
    forEachProcess(objects, () => {
      const process = dropIfEnded(objects);
      if (process) ended.push(process);
    });
  }
  return ended;
}

/** The same for the current process alone; undefined while it runs. */
export function dropIfEnded({ client, system }: EngineObjects): EndedProcess | undefined {
  try {
    const processId = system.GetCurrentProcessSystemId();
    const exitCode = exitCodeOf(system.GetCurrentProcessHandle(), processId);
    if (exitCode === undefined) return undefined;
    client.DetachCurrentProcess();
    return { processId, exitCode };
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    return undefined; // there is no current process
  }
}

/** Undefined while it runs, and for one of another machine: its handle means something else here, or nothing. */
function exitCodeOf(handle: bigint, processId: number): number | undefined {
  const { GetProcessId, WaitForSingleObject, GetExitCodeProcess } = kernel32();
  const code = new Uint32Array(1);
  const isEnded = GetProcessId(handle) === processId && WaitForSingleObject(handle, 10) === WAIT_OBJECT_0 &&
    GetExitCodeProcess(handle, code) !== 0;
  return isEnded ? code[0] : undefined;
}
