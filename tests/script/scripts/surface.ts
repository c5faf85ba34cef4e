/** Prints all names that a confined script finds: globals, and the members of each; those of Deno and of the navigator one level further. */
import { builtinModules } from "node:module";

/** By where they are found: names. It is carried into a worker as text, so it takes nothing from around it. */
function surface(): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  const isObject = (value: unknown): value is object =>
    (typeof value === "object" && value !== null) || typeof value === "function";
  const names = (of: object): string[] =>
    Reflect.ownKeys(of).filter((name) => typeof name === "string").filter((name) =>
      !["length", "name", "prototype", "constructor"].includes(name)
    );
  const members = (of: object): string[] => {
    const prototype: unknown = typeof of === "function" ? Reflect.get(of, "prototype") : Object.getPrototypeOf(of);
    const isPlain = !isObject(prototype) || [Object, Function, Array].some((kind) => kind.prototype === prototype);
    return [...new Set([...names(of), ...(isPlain ? [] : names(prototype))])].sort();
  };
  const look = (path: string, get: () => unknown): void => {
    try {
      const value = get();
      if (isObject(value) && value !== globalThis && !Array.isArray(value)) found[path] = members(value);
    } catch (error) {
      found[path] = [`throws:${(error as Error).name}`];
    }
  };
  found.globalThis = names(globalThis).sort();
  for (const name of found.globalThis) look(name, () => Reflect.get(globalThis, name));
  for (const name of names(Deno)) look(`Deno.${name}`, () => Reflect.get(Deno, name));
  for (const name of found.navigator ?? []) look(`navigator.${name}`, () => Reflect.get(navigator, name));
  look("Deno.internal", () => Reflect.get(Deno, Reflect.get(Deno, "internal")));
  return found;
}

const worker = new Worker(
  `data:text/javascript,${encodeURIComponent(`postMessage((${surface})())`)}`,
  { type: "module" },
);
const ofWorker = await new Promise<Record<string, string[]>>((resolve) =>
  worker.onmessage = ({ data }) => resolve(data)
);
worker.terminate();
console.log(JSON.stringify([{ ...surface(), node: [...builtinModules] }, ofWorker]));
