import { fitsNumber } from "../com/widths.ts";
import { requireText } from "./arguments.ts";
import type { Port } from "./contract.ts";
import type { ProcessInfo } from "./engine.ts";
import { AttachError } from "./errors.ts";

/** A target that names a process: its id, its image's file name, or an entry of a list of processes. */
export type AttachTarget = number | string | ProcessInfo;

/** Refuses what names no process. @throws {TypeError} */
export function requireTarget(target: unknown): void {
  if (typeof target === "string") return requireText("Cannot attach", "target", target, false);
  const isEntry = typeof target === "object" && target !== null;
  const processId: unknown = isEntry ? (target as Partial<ProcessInfo>).processId : target;
  if (typeof processId === "number" && processId > 0 && fitsNumber("u32", processId)) return;
  throw new TypeError(`Cannot attach to process ${String(processId)}: a process id is a positive integer of 32 bits`);
}

/** The id of the process that a target names. */
export async function resolveTarget(port: Port, target: AttachTarget): Promise<number> {
  if (typeof target === "object") return target.processId;
  if (typeof target === "number") return target;
  const list = await port.processes(target);
  const found = list.filter(({ name }) => sameImage(name, target));
  if (found.length === 1 && found[0]) return found[0].processId;
  if (found.length === 0) {
    throw new AttachError(
      "no-such-process",
      `Cannot attach to "${target}": no process has that image name; give its process id`,
    );
  }
  const matches = found.slice(0, SHOWN).map(shown).join(", ") + (found.length > SHOWN ? ", …" : "");
  throw new AttachError(
    "ambiguous",
    `Cannot attach to "${target}": several processes match: ${matches}; give a process id`,
  );
}

/** So many of the processes of one name are shown, with so many characters of their command lines. */
const SHOWN = 10;
const SHOWN_LENGTH = 100;

function shown({ name, processId, commandLine }: ProcessInfo): string {
  if (commandLine === "") return `${name} (${processId})`;
  const line = commandLine.replaceAll(/\s+/g, " ");
  return `${name} (${processId}: ${line.length > SHOWN_LENGTH ? `${line.slice(0, SHOWN_LENGTH)}…` : line})`;
}

/** Whether two file names are the same image's: case and `.exe` do not count. */
export function sameImage(one: string, other: string): boolean {
  const plain = (name: string): string => name.toLowerCase().replace(/\.exe$/, "");
  return plain(one) === plain(other);
}
