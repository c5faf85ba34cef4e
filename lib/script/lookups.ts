import { symbolFault } from "../dbgeng/expressions.ts";
import type { EngineConnection, Focus } from "../dbgeng/engine_api.ts";
import type { BreakpointRecord } from "../session/breakpoint_records.ts";
import { recordFromError } from "../session/errors.ts";
import type { LocalRecord, TypeReference, TypeTree, VariableRecord } from "../session/type_records.ts";
import type { Position, SourceLine, SourcePlace } from "../session/source_lines.ts";
import { breakpointChange } from "./breakpoints.ts";
import * as limits from "./limits.ts";
import type { Permissions } from "./permissions.ts";
import { type Checked, either, integer, oneOf, record, text, without, word } from "./values.ts";

type Answer<T> = (values: readonly unknown[]) => Promise<T>;

/** Breakpoints, types and variables for a confined script: where they are and what is no secret, as addresses of symbols and stacks are none. */
export function lookups(engine: EngineConnection, permissions: Permissions, focusOf: (given: unknown) => Focus): {
  readonly variable: Answer<VariableRecord | null>;
  readonly type: Answer<TypeTree | null>;
  readonly locals: Answer<LocalRecord[]>;
  readonly breakpoints: Answer<BreakpointRecord[]>;
  readonly sourceLines: Answer<SourceLine[]>;
  readonly position: Answer<Position>;
  readonly step: Answer<void>;
} {
  const name = without(symbolFault);
  let added = 0;
  const id = integer(0, 2 ** 32 - 1);
  const isRecord = (given: unknown): boolean => typeof given === "object" && given !== null;
  const reference: Checked<TypeReference> = either(isRecord, record({ module: word, id }), name);
  const line = integer(1, 2 ** 31 - 1);
  const place: Checked<SourcePlace | bigint> = either(isRecord, record({ file: text(limits.MAX_PATH), line }), word);
  const kind = oneOf("into", "over", "out");
  const frame = integer(0, limits.MAX_FRAMES - 1);
  return {
    variable: async ([focus, given]) => await engine.call("variable", focusOf(focus), name(given, "name")),
    type: async ([focus, which]) => await engine.call("type", focusOf(focus), reference(which, "type")),
    breakpoints: async ([focus, given]) => {
      const [where, change] = [focusOf(focus), breakpointChange(given)];
      if (!change) return await engine.call("breakpoints", where);
      await permissions.require({ right: "control" });
      if ("add" in change && ++added > limits.MAX_BREAKPOINTS) {
        throw new TypeError(`Cannot set a breakpoint: a script sets ${limits.MAX_BREAKPOINTS} at most`);
      }
      return await engine.call("breakpoints", where, change);
    },
    sourceLines: async ([focus, which]) => await engine.call("sourceLines", focusOf(focus), place(which, "line")),
    position: async ([focus]) => await engine.call("position", focusOf(focus)),
    step: async ([focus, given]) => {
      const values = [focusOf(focus), kind(given, "step")] as const;
      await permissions.require({ right: "control" });
      await engine.call("step", ...values);
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
