/**
 * The row types of the generated COM and struct tables, and the one table that
 * is written by hand: `IUnknown`, the root of all others.
 *
 * A table is plain data. `ComObject` reads it to call, `ComCallback` reads the
 * same rows to be called.
 *
 * @module
 */

/**
 * How one parameter crosses the border. `out …` parameters are no arguments:
 * they are given back. Every pointer that is none of the others is a `buffer`.
 */
export type ParameterKind =
  | "u8"
  | "u16"
  | "i32"
  | "u32"
  | "u64"
  | "i64"
  | "f64"
  | "string"
  | "wide"
  | "guid"
  | "interface"
  | "out interface"
  | "out u8"
  | "out u16"
  | "out i32"
  | "out u32"
  | "out u64"
  | "out i64"
  | "out f64"
  | "buffer";

/** One parameter of a method, as the header annotates it. */
export interface Parameter {
  readonly name: string;
  /** The C type as written. */
  readonly type: string;
  readonly kind: ParameterKind;
  readonly direction: "in" | "out" | "inout";
  readonly optional?: true;
  readonly reserved?: true;
  /** The count expression of the annotation, for example `BufferSize`. */
  readonly size?: string;
  /** What `size` and `written` count. */
  readonly unit?: "elements" | "bytes";
  /** How much of it the callee fills, for example `*BytesRead`. */
  readonly written?: string;
}

/** What a method gives back by the C calling convention. */
export type MethodResult = "HRESULT" | "ULONG";

/** One method: its place in the vtable and its parameters. */
export interface Method {
  readonly slot: number;
  readonly result: MethodResult;
  readonly variadic?: true;
  readonly parameters: readonly Parameter[];
}

/** One version of a COM interface; `methods` are those that it adds. */
export interface InterfaceTable<T = unknown> {
  readonly name: string;
  /** The IID in lower case with dashes and without braces. */
  readonly iid: string;
  readonly base: InterfaceTable | null;
  /** The length of the vtable, inherited slots included. */
  readonly slots: number;
  readonly methods: Readonly<Record<string, Method>>;
  /** Never set: it ties the table to the TypeScript interface of its methods. */
  readonly _type?: T;
}

/** How one field of a struct is read. */
export type FieldKind =
  | "u8"
  | "u16"
  | "i32"
  | "u32"
  | "u64"
  | "i64"
  | "f32"
  | "f64"
  | "pointer"
  | "struct"
  | "bytes";

/** One field: where it lies and how it is read. */
export interface Field {
  readonly offset: number;
  /** In bytes; of an array all of it, of a bit field its storage unit. */
  readonly size: number;
  /** The C type as written, of an array that of one element. */
  readonly type: string;
  readonly kind: FieldKind;
  /** The number of elements of an array. */
  readonly count?: number;
  /** Of a bit field: the lowest bit and the number of bits. */
  readonly bits?: readonly [shift: number, width: number];
}

/** One struct or union as the x64 and arm64 ABIs lay it out. */
export interface StructTable {
  readonly name: string;
  readonly size: number;
  readonly align: number;
  readonly fields: Readonly<Record<string, Field>>;
}

/** Text given to the engine: a string, or bytes that end with a zero. */
export type StringArgument = string | Uint8Array | null;

/** An interface pointer given to the engine. */
export type InterfaceArgument = { readonly pointer: bigint } | null;

/** Memory given to the engine: a view, or a raw address as a bigint. */
export type BufferArgument = ArrayBufferView | bigint | null;

/** What follows the named arguments of a variadic method. */
export type VariadicArguments = readonly (number | bigint | string)[];

/** See https://learn.microsoft.com/windows/win32/api/unknwn/nn-unknwn-iunknown */
export interface IUnknown {
  QueryInterface(InterfaceId: string): bigint;
  AddRef(): number;
  Release(): number;
}

/** The root of every interface. */
export const IUnknown: InterfaceTable<IUnknown> = {
  name: "IUnknown",
  iid: "00000000-0000-0000-c000-000000000046",
  base: null,
  slots: 3,
  methods: {
    QueryInterface: {
      slot: 0,
      result: "HRESULT",
      parameters: [
        { name: "InterfaceId", type: "REFIID", kind: "guid", direction: "in" },
        {
          name: "Interface",
          type: "PVOID*",
          kind: "out interface",
          direction: "out",
        },
      ],
    },
    AddRef: { slot: 1, result: "ULONG", parameters: [] },
    Release: { slot: 2, result: "ULONG", parameters: [] },
  },
};
