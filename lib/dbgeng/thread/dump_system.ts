/** Dumps of other systems than Windows, as Breakpad and Crashpad write them: what the engine does not say of them. */
import { HresultError } from "../../com/hresult.ts";
import { addressOf } from "../../com/memory.ts";
import { StructView } from "../../com/struct_view.ts";
import { foreignException } from "../../files/foreign_exceptions.ts";
import { systemNames } from "../../files/minidump.ts";
import type { DumpRecord } from "../../session/engine.ts";
import { DEBUG_REQUEST_READ_USER_MINIDUMP_STREAM } from "../generated/constants.ts";
import { IDebugAdvanced2 } from "../generated/debug_advanced.ts";
import { DEBUG_READ_USER_MINIDUMP_STREAM } from "../generated/structs.ts";
import type { EngineObjects } from "./objects.ts";

/** SystemInfoStream of MINIDUMP_STREAM_TYPE, and the size of what it holds. */
const SYSTEM_INFO = 7;
const SYSTEM_SIZE = 56;

/** The exception of a dump with the name that its own system has for it. */
export function named(objects: EngineObjects, exception: DumpRecord["exception"]): DumpRecord["exception"] {
  const stream = exception && systemStream(objects);
  const foreign = stream && foreignException(systemNames(stream), exception);
  if (!foreign) return exception;
  const { details: _, ...rest } = exception;
  return { ...rest, name: foreign.name, ...(foreign.details === undefined ? {} : { details: foreign.details }) };
}

/** Undefined where the dump has none: it is no minidump, or damaged. */
function systemStream({ client }: EngineObjects): DataView | undefined {
  const bytes = new Uint8Array(SYSTEM_SIZE);
  const request = new StructView(DEBUG_READ_USER_MINIDUMP_STREAM);
  request.set("StreamType", SYSTEM_INFO);
  request.set("Buffer", addressOf(bytes));
  request.set("BufferSize", bytes.length);
  using advanced = client.query(IDebugAdvanced2);
  try {
    advanced.Request(DEBUG_REQUEST_READ_USER_MINIDUMP_STREAM, request.bytes, request.bytes.length, null, 0);
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    return undefined;
  }
  return new DataView(bytes.buffer);
}
