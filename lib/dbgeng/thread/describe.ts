/** What the engine tells of processes that nobody has opened, on this machine and on process servers'. */
import type { ProcessInfo } from "../../session/engine.ts";
import {
  DEBUG_PROC_DESC_NO_COMMAND_LINE,
  DEBUG_PROC_DESC_NO_MTS_PACKAGES,
  DEBUG_PROC_DESC_NO_PATHS,
  DEBUG_PROC_DESC_NO_SERVICES,
  DEBUG_PROC_DESC_NO_SESSION_ID,
  DEBUG_PROC_DESC_NO_USER_NAME,
} from "../generated/constants.ts";
import type { EngineObjects } from "./objects.ts";

type Client = EngineObjects["client"];

/** With the full path, services and the command line. */
const WHOLE = DEBUG_PROC_DESC_NO_MTS_PACKAGES | DEBUG_PROC_DESC_NO_SESSION_ID | DEBUG_PROC_DESC_NO_USER_NAME;
const NAME_ONLY = WHOLE | DEBUG_PROC_DESC_NO_PATHS | DEBUG_PROC_DESC_NO_SERVICES | DEBUG_PROC_DESC_NO_COMMAND_LINE;

/** Characters that a path and a description get at first. */
const ROOM = 2_048;

/** The last that the engine tells: what stands behind it, whatever that is, belongs to it. */
const COMMAND_LINE = /^(?:(.*?) {2})??Command Line: (.*)$/s;

/** File name of a process's executable; empty where Windows does not tell. */
export function processName(client: Client, server: bigint, processId: number): string {
  return fileName(textsOf(client, server, processId, NAME_ONLY)[0]);
}

/** A process may end, or be closed to us, between the list and this question: then it has no name. */
export function describeProcess(client: Client, server: bigint, processId: number): ProcessInfo {
  const [image, text] = textsOf(client, server, processId, WHOLE);
  const [, description, commandLine] = COMMAND_LINE.exec(text) ?? ["", text, ""];
  const path = image.includes("\\") ? image : "";
  return { processId, name: fileName(image), description: description ?? "", path, commandLine: commandLine ?? "" };
}

function fileName(image: string): string {
  return image.slice(image.lastIndexOf("\\") + 1);
}

/** The image and the description; empty where Windows does not tell. */
function textsOf(client: Client, server: bigint, processId: number, flags: number, room = ROOM): [string, string] {
  const [image, text] = [new Uint8Array(2 * room), new Uint8Array(2 * room)];
  try {
    const { ActualExeNameSize: name, ActualDescriptionSize: length } = client.GetRunningProcessDescriptionWide(
      ...[server, processId, flags, image, room, text, room] as const,
    );
    if (Math.max(name, length) > room) return textsOf(client, server, processId, flags, Math.max(name, length));
    return [textIn(image, name), textIn(text, length)];
  } catch {
    return ["", ""];
  }
}

/** Sizes count a zero at the end. */
function textIn(bytes: Uint8Array, size: number): string {
  return new TextDecoder("utf-16le").decode(bytes.subarray(0, 2 * Math.max(0, size - 1)));
}
