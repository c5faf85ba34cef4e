/**
 * Reads a C header into its `#define` lines and the text that remains: comments
 * gone, conditional parts decided, line ends and continuations joined.
 *
 * @module
 */

/** One object-like or function-like macro as written. */
export interface Define {
  readonly name: string;
  /** True for `#define F(x) …`. */
  readonly isFunction: boolean;
  readonly body: string;
}

/** A header without its comments and directives. */
export interface Header {
  readonly defines: readonly Define[];
  readonly text: string;
}

/** The `#if` expressions that dbgeng.h uses outside of C++, decided. */
const CONDITIONS: Readonly<Record<string, boolean>> = {
  "WINAPI_FAMILY_PARTITION(WINAPI_PARTITION_DESKTOP | WINAPI_PARTITION_PKG_WER)": true,
  "defined(_MSC_VER)": false,
};

/** Directives that say nothing about the interfaces. */
const IGNORED_DIRECTIVES = new Set(["include", "undef"]);

/** Splits a header; throws on a directive or a condition that it does not know. */
export function preprocess(source: string): Header {
  const defines = new Map<string, Define>();
  const kept: string[] = [];
  const active: boolean[] = [];
  for (const line of withoutComments(source).split("\n")) {
    const directive = /^\s*#\s*(\w+)\s*(.*?)\s*$/.exec(line);
    const isOn = active.every((each) => each);
    if (directive === null) {
      if (isOn) kept.push(line);
      continue;
    }
    const [, word = "", rest = ""] = directive;
    if (applyCondition(active, isOn, word, rest, defines) || !isOn) continue;
    if (word === "define") addDefine(defines, rest);
    else if (word === "pragma") kept.push(...pragma(rest));
    else if (!IGNORED_DIRECTIVES.has(word)) {
      throw new Error(`Cannot read the directive: ${line}`);
    }
  }
  if (active.length > 0) throw new Error("A conditional part is left open");
  return { defines: [...defines.values()], text: kept.join("\n") };
}

function withoutComments(source: string): string {
  return source
    .replaceAll("\r\n", "\n")
    .replaceAll("\\\n", " ")
    .replaceAll(/\/\*[\s\S]*?\*\//g, " ")
    .replaceAll(/\/\/[^\n]*/g, "");
}

/** Follows `#if … #endif`; says whether the directive was one of them. */
function applyCondition(
  active: boolean[],
  isOn: boolean,
  word: string,
  rest: string,
  defines: ReadonlyMap<string, Define>,
): boolean {
  switch (word) {
    case "ifdef":
      active.push(defines.has(rest));
      return true;
    case "ifndef":
      active.push(!defines.has(rest));
      return true;
    case "if":
      active.push(isOn && decide(rest));
      return true;
    case "else":
      active.push(active.pop() === false);
      return true;
    case "endif":
      if (active.pop() === undefined) throw new Error("#endif without #if");
      return true;
    default:
      return false;
  }
}

function decide(expression: string): boolean {
  const known = CONDITIONS[expression];
  if (known === undefined) throw new Error(`Cannot decide: #if ${expression}`);
  return known;
}

function addDefine(defines: Map<string, Define>, rest: string): void {
  const parts = /^(\w+)(\([^)]*\))?\s*(.*)$/.exec(rest);
  if (parts === null) throw new Error(`Cannot read: #define ${rest}`);
  const [, name = "", parameters, body = ""] = parts;
  const known = defines.get(name);
  if (known !== undefined && known.body !== body && name !== "INTERFACE") {
    throw new Error(`${name} is defined twice: ${known.body} and ${body}`);
  }
  defines.set(name, { name, isFunction: parameters !== undefined, body });
}

/** Packing changes layouts, so it stays in the text; all else is for editors. */
function pragma(rest: string): string[] {
  if (/^(warning|region|endregion)\b/.test(rest)) return [];
  if (/^pack\b/.test(rest)) return [`#pragma ${rest}`];
  throw new Error(`Cannot read the pragma: ${rest}`);
}
