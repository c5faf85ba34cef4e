/** Records of the session out of what the engine's callbacks carry. */
import { STATUS_NAMES } from "../../com/generated/status_names.ts";
import { hresultText } from "../../com/hresult.ts";
import type { StructView } from "../../com/struct_view.ts";
import type { EngineEvent, EventPlace, ModuleInfo } from "../../session/engine.ts";
import type { EXCEPTION_RECORD64 } from "../generated/structs.ts";

/** The event of an exception record. */
export function exceptionEvent(
  view: StructView<typeof EXCEPTION_RECORD64>,
  code: number,
  firstChance: boolean,
  place: EventPlace,
): EngineEvent {
  const count = Math.min(view.get("NumberParameters"), 15);
  return {
    type: "exception",
    ...place,
    code,
    name: STATUS_NAMES.get(code) ?? hresultText(code),
    firstChance,
    address: view.get("ExceptionAddress"),
    flags: view.get("ExceptionFlags"),
    parameters: Array.from({ length: count }, (_, index) => view.get("ExceptionInformation", index)),
  };
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
