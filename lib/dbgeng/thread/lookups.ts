/** Symbols and expressions. A module in them may be called as its symbols call it, or as its file is called. */
import { HresultError } from "../../com/hresult.ts";
import { StructView } from "../../com/struct_view.ts";
import { codeText, EngineError } from "../../session/errors.ts";
import { expressionFault, plainSymbol, short, symbolFault } from "../expressions.ts";
import { DEBUG_VALUE } from "../generated/structs.ts";
import { valueOf } from "./inspect.ts";
import { type KnownImage, nameAdvice, withEngineNames } from "./module_names.ts";
import type { EngineObjects } from "./objects.ts";

/** The address of a symbol; null when there is none of the name. */
export function addressOf(objects: EngineObjects, symbol: string, known?: KnownImage): bigint | null {
  const fault = symbolFault(symbol);
  if (fault !== undefined) throw new TypeError(`Cannot look up the symbol ${short(symbol)}: it is ${fault}`);
  const find = (name: string): bigint | null => {
    try {
      return objects.symbols.GetOffsetByNameWide(plainSymbol(name));
    } catch (error) {
      if (!(error instanceof HresultError)) throw error;
      return null;
    }
  };
  const found = find(symbol);
  if (found !== null || !symbol.includes("!")) return found;
  const changed = withEngineNames(objects, symbol, known);
  return changed === symbol ? null : find(changed);
}

/** The value of a debugger expression. */
export function evaluate(objects: EngineObjects, expression: string, known?: KnownImage): bigint | number {
  const fault = expressionFault(expression);
  if (fault !== undefined) throw new RangeError(`Cannot evaluate ${short(expression)}: it is ${fault}`);
  const view = new StructView(DEBUG_VALUE);
  const rest = evaluateInto(view, objects, expression, known);
  if (rest.trim() !== "") {
    throw new EngineError("failed", `Cannot evaluate "${expression}": "${rest}" is left over`);
  }
  const value = valueOf(view);
  return value instanceof Uint8Array ? view.get("I64") : value;
}

/** Gives what is left over behind the expression. */
function evaluateInto(
  view: StructView<typeof DEBUG_VALUE>,
  objects: EngineObjects,
  expression: string,
  known: KnownImage | undefined,
): string {
  const find = (text: string): string | HresultError => {
    try {
      return text.slice(objects.control.EvaluateWide(text, 0, view.bytes));
    } catch (error) {
      if (error instanceof HresultError) return error;
      throw error;
    }
  };
  const rest = find(expression);
  if (typeof rest === "string") return rest;
  const changed = withEngineNames(objects, expression, known);
  const other = changed === expression ? rest : find(changed); // once more, it would do once more what it does
  if (typeof other === "string") return other;
  const reason =
    "it is no expression, or a name or an address in it is not known; look at its spelling and at modules()";
  const advice = nameAdvice(objects, expression, known);
  throw new EngineError("failed", `Cannot evaluate "${expression}": ${reason}${advice}${codeText(rest)}`, rest);
}
