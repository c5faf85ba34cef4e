/**
 * Writes the generated files of the COM interfaces: for each interface the
 * TypeScript interface of its methods, and its table.
 *
 * @module
 */

import type { Method, Parameter, ParameterKind } from "../../../lib/com/tables.ts";
import { HEADER_LINE, TABLES_MODULE } from "./emit.ts";
import type { Interface } from "./interfaces.ts";

const LINE_WIDTH = 100;

const DOCUMENTATION = "https://learn.microsoft.com/windows-hardware/drivers/ddi/dbgeng/nn-dbgeng-";

/** The TypeScript type of an argument, and of a value given back. */
const TYPES: Readonly<Record<ParameterKind, string>> = {
  u8: "number",
  u16: "number",
  i32: "number",
  u32: "number",
  u64: "bigint",
  i64: "bigint",
  f64: "number",
  string: "StringArgument",
  wide: "StringArgument",
  guid: "string",
  interface: "InterfaceArgument",
  "out interface": "bigint",
  "out u8": "number",
  "out u16": "number",
  "out i32": "number",
  "out u32": "number",
  "out u64": "bigint",
  "out i64": "bigint",
  "out f64": "number",
  buffer: "BufferArgument",
};

/** Words that no parameter of a TypeScript signature may be called. */
const RESERVED_WORDS = new Set(["default", "function", "in", "new", "this"]);

/** `IDebugClient5` and `IDebugClientWide` belong to `debug_client`. */
export function familyOf(name: string): string {
  const stem = name.replace(/^I/, "").replace(/\d+$/, "").replace(/Wide$/, "");
  return stem.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();
}

/** The text of each family's file and of the index, by file name. */
export function emitInterfaces(
  interfaces: readonly Interface[],
): Map<string, string> {
  const files = new Map<string, string>();
  const families = Map.groupBy(interfaces, (each) => familyOf(each.name));
  for (const [family, members] of families) {
    files.set(`${family}.ts`, familyFile(members));
  }
  const index = [...files.keys()].sort().map((each) => `export * from "./${each}";`);
  files.set("interfaces.ts", [HEADER_LINE, "", ...index, ""].join("\n"));
  return files;
}

function familyFile(members: readonly Interface[]): string {
  const body = members.flatMap(interfaceLines).join("\n");
  const types = [
    "BufferArgument",
    "InterfaceArgument",
    "InterfaceTable",
    "StringArgument",
    "VariadicArguments",
  ].filter((each) => new RegExp(`\\b${each}\\b`).test(body));
  const roots = members.some((each) => each.base === "IUnknown")
    ? [`import { IUnknown } from "${TABLES_MODULE}";`]
    : [];
  return [
    HEADER_LINE,
    "",
    ...roots,
    `import type { ${types.join(", ")} } from "${TABLES_MODULE}";`,
    body,
    "",
  ].join("\n");
}

function interfaceLines(table: Interface): string[] {
  const methods = [...table.methods];
  return [
    "",
    `/** See ${DOCUMENTATION}${table.name.toLowerCase()} */`,
    `export interface ${table.name} extends ${table.base} {`,
    ...methods.flatMap(([name, method]) => signatureLines(name, method)),
    "}",
    "",
    `export const ${table.name}: InterfaceTable<${table.name}> = {`,
    `  name: "${table.name}",`,
    `  iid: "${table.iid}",`,
    `  base: ${table.base},`,
    `  slots: ${table.slots},`,
    "  methods: {",
    ...methods.flatMap(([name, method]) => methodLines(name, method)),
    "  },",
    "};",
  ];
}

function signatureLines(name: string, method: Method): string[] {
  const given = method.parameters.filter((each) => !isGivenBack(each))
    .map((each) => `${argumentName(each, name)}: ${TYPES[each.kind]}`);
  if (method.variadic) given.push("...args: VariadicArguments");
  const result = resultType(method);
  const line = `  ${name}(${given.join(", ")}): ${result};`;
  if (line.length <= LINE_WIDTH) return [line];
  return [
    `  ${name}(`,
    ...given.map((each) => `    ${each},`),
    `  ): ${result};`,
  ].map((each) => each.replace(/(\.\.\.args.*),$/, "$1"));
}

function isGivenBack({ kind }: Parameter): boolean {
  return kind.startsWith("out ");
}

function argumentName({ name }: Parameter, method: string): string {
  if (RESERVED_WORDS.has(name) || name === "args") {
    throw new Error(`${method} has a parameter of a reserved name: ${name}`);
  }
  return name;
}

function resultType(method: Method): string {
  const outs = method.parameters.filter(isGivenBack);
  if (method.result === "ULONG") {
    if (outs.length > 0) throw new Error("A ULONG method gives values back");
    return "number";
  }
  const [first] = outs;
  if (first === undefined) return "void";
  if (outs.length === 1) return TYPES[first.kind];
  const members = outs.map((each) => `readonly ${each.name}: ${TYPES[each.kind]}`);
  return `{ ${members.join("; ")} }`;
}

function methodLines(name: string, method: Method): string[] {
  const variadic = method.variadic ? ", variadic: true" : "";
  const head = `    ${name}: { slot: ${method.slot}, result: "${method.result}"${variadic}, parameters: [`;
  if (method.parameters.length === 0) return [`${head}] },`];
  const rows = method.parameters.map((each) => `      ${parameterText(each)},`);
  return [head, ...rows, "    ] },"];
}

function parameterText(parameter: Parameter): string {
  const parts = Object.entries(parameter).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return `{ ${parts.join(", ")} }`;
}
