/** Which member a name means. */
import { nearest } from "./near.ts";
import type { FieldRecord, TypeRecord } from "./type_records.ts";
import type { TypeScope } from "./types.ts";

/** Bases within bases that a name is looked for in. */
const MOST_LEVELS = 64;

/**
 * The way to a member, by the bases that it is in; those of the whole itself come first, and a base goes by the name of its type. Undefined
 * without one.
 */
export function fieldPath(
  scope: TypeScope,
  { fields = [] }: TypeRecord,
  name: string,
  level = 0,
): FieldRecord[] | undefined {
  const own = fields.find((field) => field.name === name && !field.isBase) ??
    fields.find((field) => field.name === name);
  if (own) return [own];
  if (level > MOST_LEVELS) return undefined;
  for (const base of fields) {
    const rest = base.isBase && fieldPath(scope, scope.record(base.type), name, level + 1);
    if (rest) return [base, ...rest];
  }
  return undefined;
}

/** What is told where there is none. */
export function noField(scope: TypeScope, record: TypeRecord, name: string): TypeError {
  const names = [...new Set(namesOf(scope, record, 0))];
  if (names.length === 0) return new TypeError(`Cannot read the field ${name}: ${record.name} has no fields`);
  const near = nearest(name, names, 8);
  const rest = names.length > near.length ? `, and ${names.length - near.length} more` : "";
  return new TypeError(
    `Cannot read the field ${name}: ${record.name} has none of that name; it has ${near.join(", ")}${rest}`,
  );
}

function namesOf(scope: TypeScope, { fields = [] }: TypeRecord, level: number): string[] {
  return fields.flatMap((field) =>
    field.isBase && level < MOST_LEVELS ? namesOf(scope, scope.record(field.type), level + 1) : [field.name]
  );
}
