/** Records of the session out of what the engine's callbacks carry. */
import type { StructView } from "../../com/struct_view.ts";
import type { EngineEvent, EventPlace, ModuleInfo } from "../../session/engine.ts";
import { exceptionName, fastFailName } from "../exception_names.ts";
import type { EXCEPTION_RECORD64 } from "../generated/structs.ts";
import { describeThrown } from "./cxx_exception.ts";
import { readNarrow } from "./names.ts";
import type { EngineObjects } from "./objects.ts";
import { isWine } from "./windows.ts";

const CXX_EXCEPTION = 0xe06d7363;
const STATUS_STACK_BUFFER_OVERRUN = 0xc0000409;
const EXCEPTION_WINE_STUB = 0x80000100;

/** Below that a pointer to a function's name is its number. */
const LEAST_POINTER = 0x10000n;

/** The event of an exception record of the engine's current program. */
export function exceptionEvent(
  objects: EngineObjects,
  view: StructView<typeof EXCEPTION_RECORD64>,
  code: number,
  firstChance: boolean,
  place: EventPlace,
): EngineEvent {
  const count = Math.min(view.get("NumberParameters"), 15);
  const parameters = Array.from({ length: count }, (_, index) => view.get("ExceptionInformation", index));
  const details = detailsOf(objects, code, parameters);
  return {
    type: "exception",
    ...place,
    code,
    name: exceptionName(code),
    ...(details === undefined ? {} : { details }),
    firstChance,
    address: view.get("ExceptionAddress"),
    flags: view.get("ExceptionFlags"),
    parameters,
  };
}

function detailsOf(objects: EngineObjects, code: number, parameters: readonly bigint[]): string | undefined {
  const [first, second] = parameters;
  if (code === CXX_EXCEPTION) return describeThrown(objects, parameters);
  if (code === EXCEPTION_WINE_STUB && isWine()) return missingFunction(objects, first, second);
  // Also raised by checks of the stack, which have no parameters.
  return code === STATUS_STACK_BUFFER_OVERRUN && first !== undefined ? fastFailName(first) : undefined;
}

/** The function that a program calls and that its DLL does not have, which Wine raises an exception for: Windows would not load it. */
function missingFunction(objects: EngineObjects, dll = 0n, name = 0n): string | undefined {
  const called = name < LEAST_POINTER ? `#${name}` : readNarrow(objects, name);
  const library = readNarrow(objects, dll);
  return called && library && `${library} has no ${called}`;
}

/** Base, size, names, checksum and timestamp, in the callbacks' order. */
export function moduleInfo(values: unknown[]): ModuleInfo {
  const [base, size, name, imageName, checksum, timestamp] = values as [
    bigint,
    number,
    string | null,
    string | null,
    number,
    number,
  ];
  return { name: name ?? "", imageName: imageName ?? "", base, size, checksum, timestamp };
}
