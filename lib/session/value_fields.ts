/** Which member a name means: as C++ looks names up in a class and its bases. */
import { EngineError } from "./errors.ts";
import { nearest } from "./near.ts";
import type { FieldRecord, TypeRecord } from "./type_records.ts";
import type { TypeScope } from "./types.ts";

/** The way to a member or base, by the bases that it is in. */
export type FieldPath = readonly [FieldRecord, ...FieldRecord[]];

/** Members of a whole with its bases; more have only symbols that are damaged. */
const MOST_MEMBERS = 100_000;

/** What was found out about the types of a scope. */
interface Known {
  readonly members: Map<number, ReadonlyMap<string, FieldPath>>;
  readonly bases: Map<number, readonly FieldPath[]>;
}

const knownOf = new WeakMap<TypeScope, Known>();

/** Finds something out about a type once. */
function once<T>(scope: TypeScope, what: (known: Known) => Map<number, T>, id: number, find: () => T): T {
  const known = knownOf.get(scope) ?? { members: new Map(), bases: new Map() };
  knownOf.set(scope, known);
  const found = what(known).get(id) ?? find();
  what(known).set(id, found);
  return found;
}

/**
 * All members of a whole, those of bases as its own. Where several have a name it means the one that hides the others, as in C++; those,
 * and all where none does, go by `Base::name`.
 */
export function membersOf(scope: TypeScope, { id, name, fields }: TypeRecord): ReadonlyMap<string, FieldPath> {
  if (!fields) return new Map(); // only its name is known so far
  return once(scope, ({ members }) => members, id, () => {
    const named = fields.flatMap((field): (readonly [string, FieldPath])[] => {
      if (!field.isBase) return [[field.name, [field]]];
      return [...membersOf(scope, scope.record(field.type))].map(([name, rest]) => [name, [field, ...rest]]);
    });
    requireFew(name, named);
    const members = new Map<string, FieldPath>();
    const told = new Set<string>();
    for (const [name, all] of Map.groupBy(named, ([name]) => name)) {
      const ways = new Map(all.map(([, path]) => [placeOf(path), path]));
      const meant = hiding(scope, [...ways.values()]);
      for (const [place, path] of ways) {
        if (told.has(place)) continue; // a virtual base is there once, by however many ways
        told.add(place);
        const key = path === meant ? name : qualified(path, name, [...ways.values()]);
        members.set(members.has(key) ? path.map(({ name }) => name).join("::") : key, path);
      }
    }
    return members;
  });
}

/** By the base that declares it, or by that of the whole's own bases that it is in. */
function qualified(path: FieldPath, name: string, all: readonly FieldPath[]): string {
  const declaring = path.at(-2)?.name;
  const isAlone = all.filter((other) => other.at(-2)?.name === declaring).length === 1;
  return isAlone ? `${declaring}::${path.at(-1)?.name}` : `${path[0].name}::${name}`;
}

/** All bases, also bases' own. */
function basesOf(scope: TypeScope, { id, name, fields }: TypeRecord): readonly FieldPath[] {
  if (!fields) return [];
  return once(scope, ({ bases }) => bases, id, () => {
    const direct = fields.filter(({ isBase }) => isBase);
    const further = direct.flatMap((base) =>
      basesOf(scope, scope.record(base.type)).map((rest): FieldPath => [base, ...rest])
    );
    const all = [...direct.map((base): FieldPath => [base]), ...further];
    requireFew(name, all);
    return [...new Map(all.map((path) => [placeOf(path), path])).values()];
  });
}

function requireFew(name: string, paths: readonly unknown[]): void {
  if (paths.length <= MOST_MEMBERS) return;
  throw new EngineError("failed", `Cannot tell what a ${name} is made of: it has more than ${MOST_MEMBERS} members`);
}

/** Which part of a whole a way leads to: a virtual base is the same one by every way. */
function placeOf(path: FieldPath): string {
  const from = Math.max(0, path.findLastIndex(({ virtual }) => virtual));
  const steps = path.slice(from).map(({ name, type, offset, bits, virtual }) => {
    return virtual ? `virtual ${type}` : `${name} ${type} ${offset} ${bits?.position}`;
  });
  return steps.join("\n");
}

/** The one of several members that hides all others; undefined where that is ambiguous. */
function hiding(scope: TypeScope, paths: readonly FieldPath[]): FieldPath | undefined {
  return paths.find((path) => paths.every((other) => other === path || hides(scope, path, other)));
}

/** Whether what declares one member has what declares another as its base, which then is a virtual one: others are looked through below. */
function hides(scope: TypeScope, path: FieldPath, other: FieldPath): boolean {
  const declaring = path.at(-2);
  if (!declaring) return true; // it is the whole's own
  const shared = other.findLast(({ virtual }) => virtual);
  return shared !== undefined && basesOf(scope, scope.record(declaring.type)).some((base) => {
    return base.some(({ type, virtual }) => virtual && type === shared.type);
  });
}

/**
 * The way to what a name means: a member, a base by the name of its type, or a member of that as `Base::name`.
 * @throws {TypeError} where nothing has the name, or several have.
 */
export function fieldPath(scope: TypeScope, record: TypeRecord, name: string): FieldPath {
  const member = membersOf(scope, record).get(name);
  if (member) return member;
  const bases = Map.groupBy(basesOf(scope, record), (path) => path.at(-1)?.name ?? "");
  for (const [base, [path, another]] of bases) {
    const isBase = name === base;
    if (!path || !(isBase || name.startsWith(`${base}::`))) continue;
    if (another) {
      throw new TypeError(
        `Cannot read the field ${name}: ${record.name} has several bases ${base}; go by those that they are in`,
      );
    }
    if (isBase) return path;
    return [...path, ...fieldPath(scope, scope.record(path.at(-1)?.type ?? 0), name.slice(base.length + 2))];
  }
  throw noField(scope, record, name);
}

/** What is told where there is none. */
export function noField(scope: TypeScope, record: TypeRecord, name: string): TypeError {
  const action = `Cannot read the field ${name}`;
  const names = [...membersOf(scope, record).keys()];
  if (names.length === 0) return new TypeError(`${action}: ${record.name} has no fields`);
  const several = names.filter((each) => each.endsWith(`::${name}`));
  if (several.length > 1) {
    return new TypeError(
      `${action}: several bases of ${record.name} have it; write ${several.slice(0, 8).join(" or ")}`,
    );
  }
  const near = nearest(name, names, 8);
  const rest = names.length > near.length ? `, and ${names.length - near.length} more` : "";
  return new TypeError(`${action}: ${record.name} has none of that name; it has ${near.join(", ")}${rest}`);
}
