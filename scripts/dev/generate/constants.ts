/**
 * Works out the values of the header's object-like macros.
 *
 * @module
 */

import { SDK_MACROS } from "./corrections.ts";
import type { Define } from "./preprocess.ts";

/** A macro with its value; numbers are bigints here, whatever their width. */
export interface Constant {
  readonly name: string;
  readonly value: bigint | string;
  /** The literal as written, if it is one. */
  readonly literal?: string;
  /** Of a 64-bit C type, also where the value is small. */
  readonly isWide: boolean;
}

/** The constants, and the names of the macros that take arguments. */
export interface Constants {
  readonly constants: readonly Constant[];
  readonly functions: readonly string[];
}

/** A value on the way, with the width that C gives it. */
interface Value {
  readonly value: bigint;
  readonly isWide: boolean;
}

/** Macros that are no constants: the include guard and the editor's helper. */
const NO_CONSTANTS = new Set(["__DBGENG_H__", "INTERFACE"]);

/** Evaluates every macro; throws on one that it cannot evaluate. */
export function evaluateConstants(defines: readonly Define[]): Constants {
  const bodies = new Map(Object.entries(SDK_MACROS));
  for (const { name, body } of defines) bodies.set(name, body);
  const constants: Constant[] = [];
  const functions: string[] = [];
  for (const { name, isFunction, body } of defines) {
    if (isFunction) functions.push(name);
    else if (!NO_CONSTANTS.has(name)) constants.push(constant(name, body, bodies));
  }
  return { constants, functions };
}

function constant(
  name: string,
  body: string,
  bodies: ReadonlyMap<string, string>,
): Constant {
  const text = resolveText(body, bodies);
  if (text !== null) return { name, value: text, isWide: false };
  const parser = new ExpressionParser(name, body, bodies);
  const { value, isWide } = parser.parse();
  const literal = /^(0x[0-9a-fA-F]+|\d+)$/.test(body) ? { literal: body } : {};
  return { name, value, isWide, ...literal };
}

/** A string literal, directly or through other macros; null for all else. */
function resolveText(
  body: string,
  bodies: ReadonlyMap<string, string>,
): string | null {
  const literal = /^L?"([^"\\]*)"$/.exec(body);
  if (literal !== null) return literal[1] ?? "";
  const next = bodies.get(body);
  return next === undefined ? null : resolveText(next, bodies);
}

const TOKEN_REGEXP = /\s*(0x[0-9a-fA-F]+[uUlL]*|\d+[uUlL]*|\w+|<<|>>|[()|&+~-])/y;

const CASTS: Readonly<Record<string, [bits: number, isWide: boolean]>> = {
  ULONG: [32, false],
  ULONG64: [64, true],
};

/** The part of C's expressions that the header uses, by recursive descent. */
class ExpressionParser {
  readonly #name: string;
  readonly #tokens: readonly string[];
  readonly #bodies: ReadonlyMap<string, string>;
  #next = 0;

  constructor(
    name: string,
    body: string,
    bodies: ReadonlyMap<string, string>,
  ) {
    this.#name = name;
    this.#bodies = bodies;
    this.#tokens = this.#tokenize(body);
  }

  /** The value of the whole expression, which has to be used up by it. */
  parse(): Value {
    const value = this.#or();
    if (this.#next !== this.#tokens.length) this.#fail();
    return value;
  }

  #tokenize(body: string): string[] {
    const tokens: string[] = [];
    TOKEN_REGEXP.lastIndex = 0;
    let end = 0;
    for (;;) {
      const token = TOKEN_REGEXP.exec(body)?.[1];
      if (token === undefined) break;
      tokens.push(token);
      end = TOKEN_REGEXP.lastIndex;
    }
    if (body.slice(end).trim() !== "" || tokens.length === 0) this.#fail();
    return tokens;
  }

  #or(): Value {
    let left = this.#primary();
    while (this.#accept("|")) {
      const right = this.#primary();
      left = {
        value: left.value | right.value,
        isWide: left.isWide || right.isWide,
      };
    }
    return left;
  }

  #primary(): Value {
    const token = this.#tokens[this.#next++] ?? this.#fail();
    if (token === "-") {
      const { value, isWide } = this.#primary();
      return { value: -value, isWide };
    }
    if (token === "(") return this.#parenthesis();
    if (token === "HRESULT_FROM_NT") {
      const { value } = this.#primary();
      return { value: value | 0x10000000n, isWide: false };
    }
    if (/^\d/.test(token)) return literalValue(token);
    const body = this.#bodies.get(token) ?? this.#fail();
    return new ExpressionParser(this.#name, body, this.#bodies).parse();
  }

  #parenthesis(): Value {
    const cast = CASTS[this.#tokens[this.#next] ?? ""];
    if (cast !== undefined && this.#tokens[this.#next + 1] === ")") {
      this.#next += 2;
      const { value } = this.#primary();
      return { value: BigInt.asUintN(cast[0], value), isWide: cast[1] };
    }
    const value = this.#or();
    if (!this.#accept(")")) this.#fail();
    return value;
  }

  #accept(token: string): boolean {
    if (this.#tokens[this.#next] !== token) return false;
    this.#next++;
    return true;
  }

  #fail(): never {
    throw new Error(`Cannot evaluate ${this.#name}`);
  }
}

function literalValue(token: string): Value {
  const value = BigInt(token.replace(/[uUlL]+$/, ""));
  return { value, isWide: value > 0xffffffffn };
}
