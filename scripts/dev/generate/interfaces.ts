/**
 * Reads the COM interfaces of the header: IIDs, vtable slots, base versions.
 *
 * @module
 */

import type { Method, MethodResult, Parameter } from "../../../lib/com/tables.ts";
import { CONTRADICTING_IIDS } from "./corrections.ts";
import { parseParameter, type PointerTypes } from "./parameters.ts";

/** One interface as the header declares it, inherited methods repeated. */
export interface Interface {
  readonly name: string;
  readonly iid: string;
  /** The version that it extends, or IUnknown. */
  readonly base: string;
  readonly slots: number;
  /** What it adds to its base. */
  readonly methods: ReadonlyMap<string, Method>;
}

const ROOT = "IUnknown";
const ROOT_METHODS = ["QueryInterface", "AddRef", "Release"];

/** Reads every interface, each with only the methods that it adds. */
export function parseInterfaces(
  text: string,
  structs: ReadonlySet<string>,
): Interface[] {
  const iids = parseIids(text);
  const interfaces = parsePointers(text, iids);
  const all = new Map<string, Map<string, Method>>();
  const declarations = /DECLARE_INTERFACE_\((\w+), IUnknown\)\s*\{([\s\S]*?)\n\};/g;
  for (const [, name = "", body = ""] of text.matchAll(declarations)) {
    all.set(name, parseMethods(name, body, { interfaces, structs }));
  }
  for (const name of iids.keys()) {
    if (!all.has(name)) throw new Error(`${name} has an IID but no methods`);
  }
  const bases = new Map([...all.keys()].map((name) => [name, base(name, all)]));
  for (const [name, from] of [...bases].reverse()) {
    mergeIntoBase(name, from, all);
  }
  return [...all].map(([name, methods]) => {
    const from = bases.get(name) ?? ROOT;
    const inherited = all.get(from)?.size ?? ROOT_METHODS.length;
    const iid = iids.get(name);
    if (iid === undefined) throw new Error(`${name} has no IID`);
    const added = new Map([...methods].slice(inherited));
    return { name, iid, base: from, slots: methods.size, methods: added };
  });
}

function parseIids(text: string): Map<string, string> {
  const iids = new Map<string, string>();
  for (
    const [, name = "", body = ""] of text.matchAll(
      /DEFINE_GUID\(IID_(\w+),([^;]*)\);/g,
    )
  ) {
    const numbers = body.split(",").map((each) => BigInt(each.trim()));
    const widths = [8, 4, 4, 2, 2, 2, 2, 2, 2, 2, 2];
    if (numbers.length !== widths.length) throw new Error(`IID of ${name}`);
    const digits = numbers.map((each, index) => each.toString(16).padStart(widths[index] ?? 0, "0")).join("");
    iids.set(name, digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"));
  }
  return iids;
}

/** Reads `PDEBUG_…` and holds each `DECLSPEC_UUID` against its IID. */
function parsePointers(
  text: string,
  iids: ReadonlyMap<string, string>,
): Set<string> {
  const pointers = new Set<string>();
  const contradicting: string[] = [];
  for (
    const [, uuid = "", name = "", pointer = ""] of text.matchAll(
      /typedef interface DECLSPEC_UUID\("([^"]+)"\)\s*(\w+)\*\s*(\w+);/g,
    )
  ) {
    pointers.add(pointer);
    if (uuid.toLowerCase() !== iids.get(name)) contradicting.push(name);
  }
  if (contradicting.join() !== CONTRADICTING_IIDS.join()) {
    throw new Error(`Contradicting IIDs: ${contradicting.join()}`);
  }
  return pointers;
}

function parseMethods(
  owner: string,
  body: string,
  pointers: PointerTypes,
): Map<string, Method> {
  const methods = new Map<string, Method>();
  const rest = body.replaceAll(
    /(?:_Analysis_noreturn_\s+)?STDMETHOD(V?)(_?)\s*\(([^)]*)\)\s*\(([^;]*)\)\s*PURE;/g,
    (_, variadic: string, typed: string, head: string, tail: string) => {
      const words = head.split(",").map((each) => each.trim());
      const name = words.at(-1) ?? "";
      if (words.length !== (typed === "" ? 1 : 2) || methods.has(name)) {
        throw new Error(`Cannot read ${owner}::${head}`);
      }
      const result = resultOf(typed === "" ? "HRESULT" : words[0] ?? "", name);
      const parameters = parseParameters(name, tail, variadic !== "", pointers);
      methods.set(name, {
        slot: methods.size,
        result,
        ...(variadic !== "" && { variadic: true }),
        parameters,
      });
      return "";
    },
  );
  if (rest.trim() !== "") throw new Error(`${owner} holds: ${rest.trim()}`);
  const first = [...methods.keys()].slice(0, ROOT_METHODS.length);
  if (first.join() !== ROOT_METHODS.join()) {
    throw new Error(`${owner} does not begin with the methods of ${ROOT}`);
  }
  return methods;
}

function resultOf(type: string, method: string): MethodResult {
  if (type === "HRESULT" || type === "ULONG") return type;
  throw new Error(`${method} returns an unknown type: ${type}`);
}

function parseParameters(
  method: string,
  list: string,
  isVariadic: boolean,
  pointers: PointerTypes,
): Parameter[] {
  const sources = list.replace(/^\s*THIS_?\b/, "").split(/,(?![^()]*\))/)
    .map((each) => each.trim().replaceAll(/\s+/g, " "))
    .filter((each) => each !== "");
  if (isVariadic !== (sources.at(-1) === "...")) {
    throw new Error(`${method} contradicts itself about being variadic`);
  }
  if (isVariadic) sources.pop();
  const rows = sources.map((each) => parseParameter(each, method, pointers));
  for (const [index, row] of rows.entries()) {
    if (row.type === "PVOID*" && rows[index - 1]?.type !== "REFIID") {
      throw new Error(`${method} gives back a pointer of no known interface`);
    }
  }
  return rows;
}

/** The nearest earlier version of which this one repeats every slot. */
function base(
  name: string,
  all: ReadonlyMap<string, ReadonlyMap<string, Method>>,
): string {
  const [, stem, version = "1"] = /^(.*?)(\d*)$/.exec(name) ?? [];
  for (let earlier = Number(version || "1") - 1; earlier > 0; earlier--) {
    const candidate = `${stem}${earlier === 1 ? "" : earlier}`;
    const inherited = all.get(candidate);
    if (inherited === undefined) continue;
    const own = [...all.get(name)?.keys() ?? []];
    const repeats = [...inherited.keys()].every((each, i) => each === own[i]);
    if (repeats) return candidate;
    throw new Error(`${name} does not repeat the slots of ${candidate}`);
  }
  return ROOT;
}

/**
 * Makes sure that a repeated method is declared as in the base. Only how much
 * of a buffer is filled may be told later; the base's row then learns it.
 */
function mergeIntoBase(
  name: string,
  from: string,
  all: ReadonlyMap<string, Map<string, Method>>,
): void {
  const inherited = all.get(from);
  const own = all.get(name);
  if (inherited === undefined || own === undefined) return;
  for (const [method, row] of inherited) {
    const again = own.get(method);
    if (again === undefined || comparable(row) !== comparable(again)) {
      throw new Error(`${name}::${method} is declared otherwise in ${from}`);
    }
    for (const [index, parameter] of row.parameters.entries()) {
      const written = again.parameters[index]?.written;
      if (written !== undefined) Object.assign(parameter, { written });
    }
  }
}

function comparable(method: Method): string {
  const parameters = method.parameters.map((each) => ({
    ...each,
    written: undefined,
  }));
  return JSON.stringify({ ...method, parameters });
}
