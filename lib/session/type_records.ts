/**
 * Types and variables as symbols describe them: plain records, so that they cross a thread or a byte stream.
 * @module
 */

import type { ErrorRecord } from "./errors.ts";

/** What a type is: `integer` also for enumerations' underlying types, `character` for `char`, `wchar_t`, `char8_t`, `char16_t`, `char32_t`. */
export type TypeKind =
  | "void"
  | "boolean"
  | "character"
  | "integer"
  | "float"
  | "enumeration"
  | "pointer"
  | "reference"
  | "array"
  | "struct"
  | "class"
  | "union"
  | "function"
  | "unknown";

/** Whether a type has fields. */
export function isClass(kind: TypeKind): boolean {
  return kind === "struct" || kind === "class" || kind === "union";
}

/** A member of a struct, class or union, or one of its bases. */
export interface FieldRecord {
  /** Its name; of a base that of the base's type. */
  readonly name: string;
  /** Its type's id, within the same module. */
  readonly type: number;
  /** Bytes from the beginning of the whole; of a bit field to the integer that it lies in. */
  readonly offset: number;
  /** Where a bit field lies in its integer: the number of its lowest bit, and how many it has. */
  readonly bits?: { readonly position: number; readonly length: number };
  /** Whether it is a base. */
  readonly isBase?: true;
  /** Of a virtual base: where the pointer to the table of displacements is, and which of these it has. `offset` is 0. */
  readonly virtual?: { readonly pointer: number; readonly index: number };
}

/** A type. Ids are the engine's, and hold while the module's symbols stay loaded. */
export interface TypeRecord {
  /** Its id, within its module. */
  readonly id: number;
  /** What it is. */
  readonly kind: TypeKind;
  /** Its name, as C and C++ write it. */
  readonly name: string;
  /** Bytes of a value. */
  readonly size: number;
  /** Of integers and characters: whether they have a sign. */
  readonly signed?: boolean;
  /** What a pointer or reference leads to, an array is made of, or an enumeration is stored as. */
  readonly target?: number;
  /** Elements of an array. */
  readonly count?: number;
  /** Members and bases. Undefined where the record names the type only. */
  readonly fields?: readonly FieldRecord[];
  /** Of an enumeration: names with their values. */
  readonly values?: readonly (readonly [name: string, value: bigint])[];
}

/** Which type is meant: `module!name`, or the id that a {@linkcode TypeTree} of its module gave it. */
export type TypeReference = string | {
  /** Address of the module. */
  readonly module: bigint;
  /** The type's id there. */
  readonly id: number;
};

/** A type with all that it holds by value; of what pointers lead to the names only. */
export interface TypeTree {
  /** Address of the module whose symbols describe it. */
  readonly module: bigint;
  /** The id of the type that was asked for. */
  readonly root: number;
  /** It, and others. */
  readonly types: readonly TypeRecord[];
}

/** A variable: where it is, and what. */
export interface VariableRecord extends TypeTree {
  /** Its address. */
  readonly address: bigint;
}

/** A register that has a value: its bytes, or why they may not be told. */
export interface RegisterRecord {
  /** Its name. */
  readonly name: string;
  /** What it holds. */
  readonly bytes?: Uint8Array<ArrayBuffer>;
  /** Why that is not told. */
  readonly failed?: ErrorRecord;
}

/** A parameter or local of a function that is being executed. */
export interface LocalRecord extends TypeTree {
  /** Its name. */
  readonly name: string;
  /** What it is. */
  readonly kind: "parameter" | "local";
  /** Its address, where it is in memory. */
  readonly address?: bigint;
  /** The register that has it. */
  readonly register?: RegisterRecord;
}
