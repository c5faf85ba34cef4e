import type { HresultError } from "../../com/hresult.ts";
import type { DumpType } from "../../session/engine.ts";
import { codeText, EngineError } from "../../session/errors.ts";
import {
  DEBUG_DUMP_SMALL,
  DEBUG_FORMAT_USER_SMALL_FULL_MEMORY,
  DEBUG_FORMAT_USER_SMALL_FULL_MEMORY_INFO,
  DEBUG_FORMAT_USER_SMALL_HANDLE_DATA,
  DEBUG_FORMAT_USER_SMALL_THREAD_INFO,
  DEBUG_FORMAT_USER_SMALL_UNLOADED_MODULES,
} from "../generated/constants.ts";
import type { EngineObjects } from "./objects.ts";
import { moveFile, removeFile } from "./windows_files.ts";

const DUMP_FORMATS: Readonly<Record<DumpType, number>> = {
  mini: DEBUG_FORMAT_USER_SMALL_THREAD_INFO | DEBUG_FORMAT_USER_SMALL_UNLOADED_MODULES,
  full: DEBUG_FORMAT_USER_SMALL_FULL_MEMORY | DEBUG_FORMAT_USER_SMALL_HANDLE_DATA |
    DEBUG_FORMAT_USER_SMALL_UNLOADED_MODULES |
    DEBUG_FORMAT_USER_SMALL_FULL_MEMORY_INFO | DEBUG_FORMAT_USER_SMALL_THREAD_INFO,
};

/** Written beside its place and moved there when whole: a dump that is there is complete. */
export function writeDump({ client }: EngineObjects, path: string, type: DumpType, comment: string | null): void {
  const partial = `${path}.partial`;
  removeFile(partial);
  try {
    client.WriteDumpFileWide(partial, 0n, DEBUG_DUMP_SMALL, DUMP_FORMATS[type], comment);
  } catch (error) {
    removeFile(partial);
    throw new EngineError(
      "failed",
      `Cannot write the dump ${path}: look at the folder and its free space${codeText(error as HresultError)}`,
      error as HresultError,
    );
  }
  if (!moveFile(partial, path)) {
    removeFile(partial);
    throw new EngineError("failed", `Cannot write the dump ${path}: the finished file cannot be moved there`);
  }
}
