/**
 * What the generated tables claim, as C expressions with the value that each
 * must have if the claim is true.
 *
 * @module
 */

import type { InterfaceTable, Method, ParameterKind, StructTable } from "../../lib/com/tables.ts";

/** One claim of a table. */
export interface Claim {
  readonly label: string;
  readonly expression: string;
  readonly expected: bigint;
}

/** The methods of an interface with those of its bases, in vtable order. */
export function allMethods(table: InterfaceTable): [string, Method][] {
  const inherited = table.base === null ? [] : allMethods(table.base);
  return [...inherited, ...Object.entries(table.methods)];
}

/** The slot of every method, by the offset of its entry in the C vtable. */
export function slotClaims(table: InterfaceTable): Claim[] {
  return allMethods(table).map(([name, { slot }]) => ({
    label: `${table.name}::${name} slot`,
    expression: `offsetof(${table.name}Vtbl, ${name})`,
    expected: BigInt(slot * 8),
  }));
}

/** The result and the parameter types of every method. */
export function signatureClaims(table: InterfaceTable): Claim[] {
  return allMethods(table).map(([name, method]) => {
    const types = [
      `${table.name} *`,
      ...method.parameters.map((each) => each.type),
      ...(method.variadic ? ["..."] : []),
    ];
    const own = `__typeof__(((${table.name}Vtbl *)0)->${name})`;
    const told = `${method.result} (STDMETHODCALLTYPE *)(${types.join(", ")})`;
    return isTrue(`${table.name}::${name} signature`, compatible(own, told));
  });
}

/** The length of the C vtable. */
export function vtableClaim(table: InterfaceTable): Claim {
  return {
    label: `${table.name} length`,
    expression: `sizeof(${table.name}Vtbl)`,
    expected: BigInt(table.slots * 8),
  };
}

/** The C types that a parameter of a kind may have; null: looked at below. */
const KIND_TYPES: Readonly<Record<ParameterKind, readonly string[] | null>> = {
  u8: ["unsigned char"],
  u16: ["unsigned short"],
  i32: ["int", "long"],
  u32: ["unsigned long"],
  u64: ["unsigned long long"],
  i64: ["long long"],
  f64: ["double"],
  string: ["const char *", "char *"],
  wide: ["const wchar_t *", "wchar_t *"],
  guid: ["const GUID *", "GUID *"],
  interface: null,
  "out interface": null,
  "out u8": ["unsigned char *"],
  "out u16": ["unsigned short *"],
  "out i32": ["int *", "long *"],
  "out u32": ["unsigned long *"],
  "out u64": ["unsigned long long *", "FARPROC *"],
  "out i64": ["long long *"],
  "out f64": ["double *"],
  buffer: null,
};

/** That each C type was given the right kind: one claim for each pair. */
export function kindClaims(tables: readonly InterfaceTable[]): Claim[] {
  const rows = tables.flatMap((table) => Object.values(table.methods).flatMap((method) => method.parameters));
  const pairs = new Map(rows.map((row) => [`${row.kind} ${row.type}`, row]));
  return [...pairs].map(([label, { kind, type }]) => {
    const types = KIND_TYPES[kind];
    if (types !== null) {
      const any = types.map((each) => compatible(type, each)).join(" || ");
      return isTrue(label, any);
    }
    if (kind === "buffer") {
      return isTrue(label, `sizeof(${type}) == sizeof(void *)`);
    }
    const pointer = kind === "interface" ? `((${type})0)` : `(*(${type})0)`;
    const expression = type === "PVOID*" ? compatible(type, "void **") : `sizeof(${pointer}->lpVtbl) == 8`;
    return isTrue(label, expression);
  });
}

/** Size and alignment of a struct, place and type of its fields. */
export function structClaims(table: StructTable): Claim[] {
  const { name, size, align, fields } = table;
  const claims: Claim[] = [
    { label: `${name} size`, expression: `sizeof(${name})`, expected: BigInt(size) },
    {
      label: `${name} alignment`,
      expression: `_Alignof(${name})`,
      expected: BigInt(align),
    },
  ];
  for (const [field, { offset, size, type, count, bits }] of Object.entries(fields)) {
    if (bits !== undefined) continue;
    const member = `((${name} *)0)->${field}`;
    const whole = count === undefined ? type : `${type}[${count}]`;
    claims.push(
      {
        label: `${name}.${field} offset`,
        expression: `offsetof(${name}, ${field})`,
        expected: BigInt(offset),
      },
      {
        label: `${name}.${field} size`,
        expression: `sizeof(${member})`,
        expected: BigInt(size),
      },
      isTrue(`${name}.${field} type`, compatible(`__typeof__(${member})`, whole)),
    );
  }
  return claims;
}

/** The value and the width of a constant, or the characters of a text. */
export function constantClaims(
  name: string,
  value: number | bigint | string,
): Claim[] {
  if (typeof value === "string") {
    const units = [...value, "\0"].map((each, index) => `(${name})[${index}] == ${each.charCodeAt(0)}`);
    return [isTrue(name, units.join(" && "))];
  }
  const isWide = typeof value === "bigint";
  const expression = isWide ? name : `(unsigned)(${name})`;
  return [
    { label: name, expression, expected: BigInt(value) },
    isTrue(`${name} width`, `sizeof(${name}) == ${isWide ? 8 : 4}`),
  ];
}

/** That a symbol is the code itself, or what an HRESULT is made of it. */
export function statusClaim(code: number, symbol: string): Claim {
  const value = `(unsigned)(${symbol})`;
  const forms = [
    value,
    `(0x80070000u | (${value} & 0xffff))`,
    `(${value} | 0x10000000u)`,
  ];
  return isTrue(symbol, forms.map((each) => `${each} == ${code}u`).join(" || "));
}

function isTrue(label: string, expression: string): Claim {
  return { label, expression, expected: 1n };
}

function compatible(one: string, other: string): string {
  return `__builtin_types_compatible_p(${one}, ${other})`;
}
