/**
 * Turns one annotated C parameter into a table row. Whatever is not known here
 * stops the generator.
 *
 * @module
 */

import type { Parameter, ParameterKind } from "../../../lib/com/tables.ts";
import { CORRECTIONS } from "./corrections.ts";

type Direction = Parameter["direction"];

/** What an annotation such as `_Out_writes_bytes_opt_(Size)` says. */
interface Annotation {
  readonly direction: Direction;
  readonly optional: boolean;
  readonly reserved: boolean;
  readonly size?: string;
  readonly unit?: "elements" | "bytes";
  readonly written?: string;
}

const SCALARS: Readonly<Record<string, ParameterKind>> = {
  BOOL: "i32",
  LONG: "i32",
  ULONG: "u32",
  ULONG64: "u64",
};

const TEXTS: Readonly<Record<string, ParameterKind>> = {
  PCSTR: "string",
  PSTR: "string",
  PCWSTR: "wide",
  PWSTR: "wide",
};

const SCALAR_POINTERS: Readonly<Record<string, ParameterKind>> = {
  PBOOL: "out i32",
  PULONG: "out u32",
  PULONG64: "out u64",
  // The address of a function is as wide as a pointer, and both ABIs are 64-bit.
  "FARPROC*": "out u64",
};

const GUIDS = new Set(["REFIID", "LPGUID"]);

/** Pointers that cross as memory, whatever their direction. */
const MEMORY = new Set([
  "LPGUID",
  "PBOOL",
  "PSTR",
  "PULONG",
  "PULONG64",
  "PVOID",
  "PWSTR",
  "va_list",
]);

/** The pointer types that the header and the SDK list declare. */
export interface PointerTypes {
  /** `PDEBUG_CLIENT` and the like. */
  readonly interfaces: ReadonlySet<string>;
  /** `PDEBUG_VALUE` and the like. */
  readonly structs: ReadonlySet<string>;
}

/** Reads one parameter of the named method. */
export function parseParameter(
  source: string,
  method: string,
  pointers: PointerTypes,
): Parameter {
  const text = corrected(source, method);
  const parts = /^((?:_\w+_(?:\([^()]*\))?\s+|__(?:in|out)\s+)+)(\w+\*?)\s+(\w+)$/.exec(
    text,
  );
  if (parts === null) {
    throw new Error(`Cannot read a parameter of ${method}: ${source}`);
  }
  const [, marks = "", type = "", name = ""] = parts;
  const annotation = parseAnnotations(marks.trim(), text);
  const kind = kindOf(type, annotation, pointers);
  if (kind === null) {
    throw new Error(`Cannot say how ${method} passes: ${source}`);
  }
  return {
    name,
    type,
    kind,
    direction: annotation.direction,
    ...(annotation.optional && { optional: true }),
    ...(annotation.reserved && { reserved: true }),
    ...(annotation.size !== undefined && { size: annotation.size }),
    ...(annotation.unit !== undefined && { unit: annotation.unit }),
    ...(annotation.written !== undefined && { written: annotation.written }),
  };
}

/** The rows of {@linkcode CORRECTIONS} that were needed. */
export const usedCorrections: Set<string> = new Set();

function corrected(source: string, method: string): string {
  const row = CORRECTIONS.find((each) => each.method === method && each.written === source);
  if (row === undefined) return source;
  usedCorrections.add(method);
  return row.corrected;
}

function parseAnnotations(marks: string, source: string): Annotation {
  const reserved = /(^|\s)_Reserved_(\s|$)/.test(marks);
  const mark = marks.replace(/\s*_Reserved_\s*/, "");
  const simple = /^(?:__|_)(In|Out|Inout|in|out)(_opt)?_?$/.exec(mark);
  if (simple !== null) {
    return {
      direction: simple[1]?.toLowerCase() as Direction,
      optional: simple[2] !== undefined,
      reserved,
    };
  }
  const sized = /^_(In_reads|Out_writes)(_bytes)?(_to)?(_opt)?_\((\w+)(?:,\s*([*\w]+))?\)$/
    .exec(mark);
  if (sized === null || (sized[3] === undefined) !== (sized[6] === undefined)) {
    throw new Error(`Cannot read the annotation of: ${source}`);
  }
  const [, way, bytes, , optional, size = "", written] = sized;
  return {
    direction: way === "In_reads" ? "in" : "out",
    optional: optional !== undefined,
    reserved,
    size,
    unit: bytes === undefined ? "elements" : "bytes",
    ...(written !== undefined && { written }),
  };
}

function kindOf(
  type: string,
  annotation: Annotation,
  pointers: PointerTypes,
): ParameterKind | null {
  const isMemory = MEMORY.has(type) || pointers.structs.has(type);
  if (annotation.size !== undefined) return isMemory ? "buffer" : null;
  switch (annotation.direction) {
    case "in":
      return SCALARS[type] ?? TEXTS[type] ??
        (GUIDS.has(type) ? "guid" : null) ??
        (pointers.interfaces.has(type) ? "interface" : null) ??
        (isMemory ? "buffer" : null);
    case "out":
      return SCALAR_POINTERS[type] ??
        (isInterfacePointer(type, pointers) ? "out interface" : null) ??
        (isMemory && !(type in TEXTS) ? "buffer" : null);
    case "inout":
      return isMemory ? "buffer" : null;
  }
}

function isInterfacePointer(type: string, pointers: PointerTypes): boolean {
  return type.endsWith("*") && pointers.interfaces.has(type.slice(0, -1)) ||
    type === "PVOID*";
}
