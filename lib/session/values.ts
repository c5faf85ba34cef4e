/** What programs and threads give as values. */
import { requireAddress, requireInteger, requireOptions, requireText } from "./arguments.ts";
import { EngineError } from "./errors.ts";
import type { OwnRequest } from "./memory.ts";
import type { TypeTree } from "./type_records.ts";
import { lookUpType, TypedValue } from "./typed_value.ts";
import type { ValuePlace, ValueSource } from "./value_steps.ts";
import { type Type, TypeScope } from "./types.ts";

/** A parameter or local of a function that is being executed. */
export interface Local {
  /** Its name. Of several with the same one, in blocks within each other, the innermost comes first. */
  readonly name: string;
  /** What it is. */
  readonly kind: "parameter" | "local";
  /** Its value; undefined where the compiler has not kept it up to the instruction that the frame is at. */
  readonly value: TypedValue | undefined;
}

/** How a list is walked. */
export interface ListOptions {
  /** Nodes at most; all, unless told. */
  readonly limit?: number;
}

/** A variable by its name. */
export async function findVariable(source: ValueSource, name: string): Promise<TypedValue> {
  requireText("Cannot look up a variable", "its name", name, false);
  if (!name.includes("!")) {
    throw new TypeError(
      `Cannot look up the variable ${name}: it names no module; write module!name, and take locals from thread.locals()`,
    );
  }
  const record = await source.request("variable", name);
  if (record) return new TypedValue(source, placeOf(source.types, record, record.address));
  const next = `execute("x /v ${name.split("!")[0]}!*") lists those that symbols know`;
  throw new EngineError(
    "failed",
    `Cannot find the variable ${name}: there is none of the name, or no symbols are loaded; ${next}`,
  );
}

/** A type by its name. */
export async function findType(source: ValueSource, name: string): Promise<Type> {
  requireText("Cannot look up a type", "its name", name, false);
  const { scope, type } = await lookUpType(source, name);
  return scope.type(type);
}

/** Parameters and locals of a frame. */
export async function findLocals(source: ValueSource, frame: number): Promise<Local[]> {
  requireInteger("Cannot read locals", "frame", frame, 0, 9_999);
  return (await source.request("locals", frame)).map(({ name, kind, address, register, ...tree }) => {
    const place = placeOf(source.types, tree, address ?? 0n);
    const value = register
      ? new TypedValue(source, { ...place, register })
      : address === undefined
      ? undefined
      : new TypedValue(source, place);
    return Object.freeze({ name, kind, value });
  });
}

function placeOf(request: OwnRequest, tree: TypeTree, address: bigint): ValuePlace {
  return { scope: new TypeScope(request, tree), type: tree.root, address };
}

/** The nodes of a linked list, from its first one on. */
export async function* walkList(
  source: ValueSource,
  type: string,
  head: bigint | TypedValue,
  next: string,
  options: ListOptions,
): AsyncGenerator<TypedValue, void, void> {
  const action = "Cannot walk the list";
  requireText(action, "its type", type, false);
  requireText(action, "the name of the field that leads on", next, false);
  requireOptions(action, options);
  const { limit = Number.MAX_SAFE_INTEGER } = options;
  requireInteger(action, "limit", limit, 1, Number.MAX_SAFE_INTEGER);
  const first = head instanceof TypedValue ? await pointerIn(head) : head;
  requireAddress(action, first);
  const found = await lookUpType(source, type);
  const path = next.split(".");
  const seen = new Set<bigint>();
  for (let address = first; address !== 0n;) {
    if (seen.has(address)) {
      if (address === first) return; // a ring
      throw new EngineError(
        "failed",
        `${action}: node 0x${address.toString(16)} comes a second time, behind ${seen.size}; it is damaged`,
      );
    }
    if (seen.size >= limit) return;
    seen.add(address);
    const node = new TypedValue(source, { ...found, address });
    yield node;
    address = await behind(node, path);
  }
}

/** The address of the node behind one: what it leads to may be the link in that, as in a LIST_ENTRY. */
async function behind(node: TypedValue, path: readonly string[]): Promise<bigint> {
  const link = path.slice(0, -1).reduce((value, name) => value.field(name), node);
  const pointer = link.field(path.at(-1) ?? "");
  const address = await pointerIn(pointer);
  const isOfLinks = path.length > 1 && pointer.type.target?.name === link.type.name;
  return isOfLinks && address !== 0n ? address - (link.address ?? 0n) + (node.address ?? 0n) : address;
}

async function pointerIn(value: TypedValue): Promise<bigint> {
  const address = await value.read();
  if (typeof address === "bigint") return address;
  throw new TypeError(`Cannot walk the list: ${value.type.name} is no pointer`);
}
