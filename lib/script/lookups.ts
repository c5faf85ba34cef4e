import { symbolFault } from "../dbgeng/expressions.ts";
import type { EngineConnection, Focus } from "../dbgeng/engine_api.ts";
import type { BreakpointRecord } from "../session/breakpoint_records.ts";
import { recordFromError } from "../session/errors.ts";
import type { LocalRecord, TypeReference, TypeTree, VariableRecord } from "../session/type_records.ts";
import { breakpointChange } from "./breakpoints.ts";
import * as limits from "./limits.ts";
import type { Permissions } from "./permissions.ts";
import { integer, without, word } from "./values.ts";

type Answer<T> = (values: readonly unknown[]) => Promise<T>;

/** Breakpoints, types and variables for a confined script: where they are and what is no secret, as addresses of symbols and stacks are none. */
export function lookups(engine: EngineConnection, permissions: Permissions, focusOf: (given: unknown) => Focus): {
  readonly variable: Answer<VariableRecord | null>;
  readonly type: Answer<TypeTree | null>;
  readonly locals: Answer<LocalRecord[]>;
  readonly breakpoints: Answer<BreakpointRecord[]>;
} {
  const name = without(symbolFault);
  let added = 0;
  const id = integer(0, 2 ** 32 - 1);
  const reference = (given: unknown): TypeReference => {
    if (typeof given !== "object" || given === null) return name(given, "name");
    const { module, id: number } = given as Partial<Record<string, unknown>>;
    return { module: word(module, "module"), id: id(number, "id") };
  };
  const frame = integer(0, limits.MAX_FRAMES - 1);
  return {
    variable: async ([focus, given]) => await engine.call("variable", focusOf(focus), name(given, "name")),
    type: async ([focus, which]) => await engine.call("type", focusOf(focus), reference(which)),
    breakpoints: async ([focus, given]) => {
      const [where, change] = [focusOf(focus), breakpointChange(given)];
      if (!change) return await engine.call("breakpoints", where);
      await permissions.require({ right: "control" });
      if ("add" in change && ++added > limits.MAX_BREAKPOINTS) {
        throw new TypeError(`Cannot set a breakpoint: a script sets ${limits.MAX_BREAKPOINTS} at most`);
      }
      return await engine.call("breakpoints", where, change);
    },
    locals: async ([focus, index]) => {
      const found = await engine.call("locals", focusOf(focus), frame(index, "frame"));
      if (!found.some(({ register }) => register)) return found;
      try {
        await permissions.require({ right: "control" }); // as for registers
        return found;
      } catch (error) {
        return found.map((local) => withoutBytes(local, error));
      }
    },
  };
}

function withoutBytes(local: LocalRecord, error: unknown): LocalRecord {
  const { register } = local;
  return register ? { ...local, register: { name: register.name, failed: recordFromError(error) } } : local;
}
