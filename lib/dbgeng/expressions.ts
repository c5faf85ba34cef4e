/**
 * What the engine is never asked, whoever asks: expressions that are nested or long beyond use, names that it takes for patterns or
 * answers by chance. It is not made for these.
 * @module
 */

/** Characters of an expression. */
export const MAX_EXPRESSION = 4_096;

/** Characters of a symbol's name: Windows has none that are longer. */
export const MAX_SYMBOL = 2_000;

/** How deep an expression may be nested: parentheses, brackets, and operators in front of operators, as in `poi poi - - 1`. */
export const MAX_DEPTH = 200;

const TOKEN = /[\w.$`@:]+|\S/g;
const OPENS = "([{";
const CLOSES = ")]}";
/** Operators that are words and stand between two operands; all other words may be in front of one. */
const BETWEEN = /^(?:and|or|xor|mod)$/i;

/** Whether an expression, or a command with expressions in it, is nested too deep. */
export function isTooDeep(text: string): boolean {
  const open: number[] = [];
  /** Levels of what is open, and operators in front of the operand that comes next. */
  let depth = 0;
  let inFront = 0;
  let isOperand = false;
  for (const [token] of text.matchAll(TOKEN)) {
    if (OPENS.includes(token)) {
      open.push(inFront + 1);
      depth += inFront + 1;
      inFront = 0;
      isOperand = false;
    } else if (CLOSES.includes(token)) {
      depth -= open.pop() ?? 0;
      inFront = 0;
      isOperand = true;
    } else {
      const isWord = /[\w.$`@:]/.test(token) && !BETWEEN.test(token);
      inFront = isWord === isOperand ? inFront + 1 : isWord ? inFront : 0;
      isOperand = isWord;
    }
    if (depth + inFront > MAX_DEPTH) return true;
  }
  return false;
}

/** Why the engine is not asked for the value of an expression; undefined where it is. */
export function expressionFault(expression: string): string | undefined {
  if (expression.length > MAX_EXPRESSION) return `longer than ${MAX_EXPRESSION} characters`;
  if (isTooDeep(expression)) return `nested deeper than ${MAX_DEPTH} levels`;
  return undefined;
}

/** Why the engine is not asked to carry out a command, whoever wants it to; undefined where it is. Confined scripts may less. */
export function nestingFault(command: string): string | undefined {
  let depth = 0;
  for (const sign of command) {
    if (OPENS.includes(sign)) depth++;
    else if (CLOSES.includes(sign)) depth = Math.max(0, depth - 1);
    if (depth > MAX_DEPTH) return `nested deeper than ${MAX_DEPTH} levels`;
  }
  return undefined;
}

/** A text at the length of a message. */
export function short(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

/** Stars that are part of a name: of C++'s operators, of pointers among the arguments of a template or a function. */
const OWN_STARS = /\boperator\s*(?:->)?\*=?|<.*>|\(.*\)/gs;
/** A conversion's name ends in a type, as in `operator char const *`. */
const CONVERSION = /\boperator\s+[\w:][\w\s:<>,&*]*$/;

/** Why a text is no symbol's name; undefined where it is one. */
export function symbolFault(symbol: string): string | undefined {
  if (symbol.length > MAX_SYMBOL) return `longer than ${MAX_SYMBOL} characters`;
  // deno-lint-ignore no-control-regex -- they are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(symbol)) return "a text with control characters";
  const name = symbol.slice(symbol.indexOf("!") + 1);
  if (!/[\p{L}\p{N}_]/u.test(name)) return "no name";
  const isDecorated = name.startsWith("?");
  if (/[*?]/.test(isDecorated ? "" : symbol.replace(CONVERSION, "").replace(OWN_STARS, ""))) {
    return "a pattern; x of execute() looks for these";
  }
  return undefined;
}

/**
 * A symbol's name as the engine takes it for nothing else. Signs of its patterns are plain behind a backslash, but that only in a pattern: a set
 * of one letter makes it one (`findings/dbghelp-names.sh`).
 */
export function plainSymbol(symbol: string): string {
  const plain = symbol.replaceAll(/[*?#+[\]\\]/g, "\\$&");
  if (plain === symbol) return symbol;
  const name = plain.indexOf("!") + 1;
  return plain.slice(0, name) + plain.slice(name).replace(/[\p{L}\p{N}]/u, "[$&]");
}
