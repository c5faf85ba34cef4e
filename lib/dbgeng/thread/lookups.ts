/** Symbols and expressions. A module in them may be called as its symbols call it, or as its file is called. */
import { HresultError } from "../../com/hresult.ts";
import { StructView } from "../../com/struct_view.ts";
import type { ModuleInfo } from "../../session/engine.ts";
import { codeText, EngineError } from "../../session/errors.ts";
import { expressionFault, plainSymbol, symbolFault } from "../expressions.ts";
import { DEBUG_VALUE } from "../generated/structs.ts";
import { valueOf } from "./inspect.ts";
import { modules } from "./modules.ts";
import type { EngineObjects } from "./objects.ts";

/** The address of a symbol; null when there is none of the name. `image` is the program's own file. */
export function addressOf(objects: EngineObjects, symbol: string, image?: ModuleInfo): bigint | null {
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
  return find(symbol) ?? byOtherName(objects, symbol, /^[^!]+(?=!)/, image, find) ?? null;
}

/** The value of a debugger expression; without an image only by the engine's names. */
export function evaluate(objects: EngineObjects, expression: string, image?: ModuleInfo): bigint | number {
  const fault = expressionFault(expression);
  if (fault !== undefined) throw new RangeError(`Cannot evaluate ${short(expression)}: it is ${fault}`);
  const view = new StructView(DEBUG_VALUE);
  const rest = evaluateInto(view, objects, expression, image);
  if (rest.trim() !== "") {
    throw new EngineError("failed", `Cannot evaluate "${expression}": "${rest}" is left over`);
  }
  const value = valueOf(view);
  return value instanceof Uint8Array ? view.get("I64") : value;
}

function short(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

/** Gives what is left over behind the expression. */
function evaluateInto(
  view: StructView<typeof DEBUG_VALUE>,
  objects: EngineObjects,
  expression: string,
  image: ModuleInfo | undefined,
): string {
  const find = (text: string): string => text.slice(objects.control.EvaluateWide(text, 0, view.bytes));
  try {
    return find(expression);
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    const rest = byOtherName(objects, expression, /(?<![\w$@.])[A-Za-z_]\w*(?=!)/g, image, find);
    if (rest !== undefined) return rest;
    const reason =
      "it is no expression, or a name or an address in it is not known; look at its spelling and at modules()";
    throw new EngineError("failed", `Cannot evaluate "${expression}": ${reason}${codeText(error)}`, error);
  }
}

/** What is found with the engine's names for modules that a text calls by their files' names; undefined if it calls none so. */
function byOtherName<T>(
  objects: EngineObjects,
  text: string,
  names: RegExp,
  image: ModuleInfo | undefined,
  find: (text: string) => T,
): T | undefined {
  if (!image || text.search(names) < 0) return undefined;
  const list = modules(objects, image);
  const changed = text.replace(names, (name) => nameByFile(list, name) ?? name);
  if (changed === text) return undefined;
  try {
    return find(changed);
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    return undefined;
  }
}

/** The engine's name of the one module whose file has a name; undefined where none or several have it, or it is itself an engine's name. */
function nameByFile(list: readonly ModuleInfo[], wanted: string): string | undefined {
  const plain = (name: string): string => name.toLowerCase();
  if (list.some(({ name }) => plain(name) === plain(wanted))) return undefined;
  const file = ({ imageName }: ModuleInfo): string => plain(imageName.split(/[\\/]/).at(-1) ?? "");
  const found = list.filter((module) => [file(module), file(module).replace(/\.[^.]*$/, "")].includes(plain(wanted)));
  return found.length === 1 ? found[0]?.name : undefined;
}
