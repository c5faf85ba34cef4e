/**
 * Reads all tables out of the text of dbgeng.h.
 *
 * @module
 */

import type { StructTable } from "../../../lib/com/tables.ts";
import { type Constant, evaluateConstants } from "./constants.ts";
import { CORRECTIONS } from "./corrections.ts";
import { type Interface, parseInterfaces } from "./interfaces.ts";
import { usedCorrections } from "./parameters.ts";
import { preprocess } from "./preprocess.ts";
import { SDK_STRUCTS } from "./sdk_structs.ts";
import { parseStructPointers, parseStructs } from "./structs.ts";

/** Everything that is generated from the header alone. */
export interface Tables {
  readonly interfaces: readonly Interface[];
  readonly structs: readonly StructTable[];
  readonly constants: readonly Constant[];
  /** Function-like macros, which have no value. */
  readonly functions: readonly string[];
}

/** Reads the header; throws on whatever it does not understand. */
export function readTables(source: string): Tables {
  const header = preprocess(source);
  const text = SDK_STRUCTS + header.text;
  if (/\benum\b/.test(header.text)) throw new Error("Cannot read enums yet");
  const interfaces = parseInterfaces(header.text, parseStructPointers(text));
  for (const { method } of CORRECTIONS) {
    if (!usedCorrections.has(method)) {
      throw new Error(`Correction of ${method} does not apply any more`);
    }
  }
  const { constants, functions } = evaluateConstants(header.defines);
  return { interfaces, structs: parseStructs(text), constants, functions };
}
