/** What modules are called where somebody writes them: as the engine calls them, as their files are called, or as a program's symbols call it. */
import { HresultError } from "../../com/hresult.ts";
import type { ModuleInfo } from "../../session/engine.ts";
import { EngineError } from "../../session/errors.ts";
import { inCode } from "./command_parts.ts";
import { modules, nameOfFile } from "./modules.ts";
import type { EngineObjects } from "./objects.ts";

/** A program's own file, and what the engine called it first. */
export interface KnownImage {
  readonly image: ModuleInfo;
  readonly formerName: string;
}

/** The location of a breakpoint by the name of a file with signs that no name in the engine has. */
const FILE_LOCATION = /(\bb[pum]\d*\s+(?:\/\w+\s+)*)([\p{L}_][\p{L}\p{N}_.+~-]*)(?=!(?!=))/gu;

/**
 * A command or expression in which modules are called as the engine calls them.
 * @throws {EngineError} of kind `failed` for a name that several modules' files have.
 */
export function withEngineNames(objects: EngineObjects, text: string, known?: KnownImage): string {
  const names = strangers(objects, text);
  if (names.length === 0) return text;
  const list = modules(objects, known?.image);
  for (const name of names) refuseSeveral(list, name);
  const changed = withNamesOf(list, text, known);
  // A module that is not there yet will be called so.
  return inCode(changed, (code) =>
    code.replace(
      FILE_LOCATION,
      (all, before: string, name: string) =>
        isModule(objects, name) ? all : before + nameOfFile(/\.(?:dll|exe)$/i.test(name) ? name : `${name}.`),
    ));
}

/** The same by a list of modules. */
export function withNamesOf(list: readonly ModuleInfo[], text: string, known?: KnownImage): string {
  const names = otherNames(list, known);
  if (names.size === 0) return text;
  const any = [...names.keys()].sort((one, other) => other.length - one.length).map(literal).join("|");
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}_$@.])(?:${any})(?=!(?!=))`, "giu");
  return inCode(text, (code) => code.replaceAll(pattern, (name) => names.get(key(name)) ?? name));
}

function refuseSeveral(list: readonly ModuleInfo[], name: string): void {
  const found = list.filter((module) => fileNames(module).includes(key(name))).map((module) => module.name);
  if (found.length < 2) return;
  const next = `write ${found.join(" or ")}`;
  throw new EngineError("failed", `Cannot tell which module ${name} is: several have files of that name; ${next}`);
}

/** Which of the modules that a text names is not there: to stand in an error; empty where all are. */
export function nameAdvice(objects: EngineObjects, text: string, known?: KnownImage): string {
  const others = otherNames(modules(objects, known?.image), known);
  for (const name of namesBeforeMarks(text)) {
    if (/^\w+$/.test(name) && !isModule(objects, name) && !others.has(key(name))) {
      return `; no module is called ${name}`;
    }
  }
  return "";
}

/** What stands for a module's name in a text and is none of the engine's. */
function strangers(objects: EngineObjects, text: string): string[] {
  return namesBeforeMarks(text).filter((name) => !isModule(objects, name));
}

/** What stands before each `!`; before that of an extension's command nothing does. */
function namesBeforeMarks(text: string): string[] {
  const words: string[] = [];
  inCode(text, (code) => {
    words.push(...code.split(/[\s'(){}[\];]+/).filter((word) => word.includes("!")));
    return code;
  });
  return words.flatMap((word) => word.split(/!(?!=)/).slice(0, -1)).filter((name) => name !== "");
}

function isModule(objects: EngineObjects, name: string): boolean {
  return /^\w{1,260}$/.test(name) && moduleBase(objects, name) !== undefined;
}

/** The address of a module by the engine's name of it; undefined where none is called so. */
export function moduleBase({ symbols }: EngineObjects, name: string): bigint | undefined {
  try {
    return symbols.GetModuleByModuleNameWide(name, 0).Base;
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    return undefined;
  }
}

/** The engine's names by others that mean one module only, and are not themselves an engine's name of another. */
function otherNames(list: readonly ModuleInfo[], known: KnownImage | undefined): ReadonlyMap<string, string> {
  const names = new Map<string, string | undefined>();
  const add = (name: string, module: ModuleInfo): void => {
    const isOther = names.has(name) && names.get(name) !== module.name;
    names.set(name, isOther ? undefined : module.name);
  };
  for (const module of list) {
    for (const name of fileNames(module)) add(name, module);
    if (known && module.base === known.image.base) add(key(known.formerName), module);
  }
  for (const { name } of list) names.delete(key(name));
  return new Map([...names].filter((entry): entry is [string, string] => entry[0] !== "" && isPlain(entry[1])));
}

/** Whether a name can stand in a command and be nothing else there. */
function isPlain(name: string | undefined): boolean {
  return name !== undefined && /^\w+$/.test(name);
}

/** A file's name, with and without its ending. */
function fileNames({ imageName }: ModuleInfo): string[] {
  const file = key(imageName.split(/[\\/]/).at(-1) ?? "");
  return [file, file.replace(/\.[^.]*$/, "")];
}

function key(name: string): string {
  return name.toLowerCase();
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
