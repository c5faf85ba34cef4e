import type { Program } from "../session/program.ts";

/** Characters that JSON allows in a text and a terminal would obey. */
const OBEYED = /[\u007f-\u009f\u2028\u2029]/g;

/** One value as one line of JSON: bigints as `"0x…"`, bytes as hexadecimal text. */
export function jsonLine(value: unknown): string {
  const text = JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === "bigint") return part < 0n ? `-0x${(-part).toString(16)}` : `0x${part.toString(16)}`;
    if (part instanceof Uint8Array) return part.toHex();
    return part;
  });
  return text.replaceAll(OBEYED, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** What is told of a program in JSON. */
export function programRecord(program: Pick<Program, "id" | "pid" | "name">): Record<string, unknown> {
  return { id: program.id, pid: program.pid, name: program.name };
}
