/**
 * Which commands of the debugger have the program run.
 * See https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/commands
 * @module
 */

/** Commands that go on or step, with the suffix that shows registers. */
const MOVES = /^(?:g[chnu]?|(?:p|pa|pc|pct|ph|pt|t|ta|tb|tc|tct|th|tt)r?|wt|\.restart)(?![\w.!$?])|^[pt]r?\d/i;

/** A thread or process, or all of them, before a command: `~0s`, `~.t`, `~*e g`, `~~[1a2b]p`, `|1 k`. */
const PREFIX = /^(?:[~|]+\s*(?:[.#*]|\d+|\[[^\]]*\])?\s*e?\s*)+/i;

/** Commands with blocks of commands in braces. */
const HAS_BLOCKS = /^\.(?:if|elsif|else|for|foreach|while|do|block|catch)\b/i;

/** What a text with quotes, parentheses and braces consists of. */
interface Piece {
  /** A command, without the blocks in it. */
  readonly text: string;
  readonly blocks: readonly string[];
}

/**
 * Whether a command has the program run, as it stands there: behind `;`, in the braces of `.if` and its like, behind `~*e`. An
 * alias or a file of commands does not tell.
 */
export function movesProgram(command: string): boolean {
  return command.split(/[\r\n]+/).some((line) => piecesOf(line).some(moves));
}

function moves({ text, blocks }: Piece): boolean {
  const plain = text.replace(/^(['"])(.*)\1$/, "$2"); // in quotes: the other choice of a `j`
  if (MOVES.test(plain)) return true;
  if (/^j\b/i.test(plain)) return choices(plain).some(movesProgram);
  return blocks.some(movesProgram);
}

/** The commands that `j` chooses from, in quotes, or the last word behind its condition. */
function choices(text: string): string[] {
  const quoted = [...text.matchAll(/'([^']*)'|"([^"]*)"/g)].map(([, single, double]) => single ?? double ?? "");
  return quoted.length > 0 ? quoted : [/[\s)]([\w.]+)$/.exec(text)?.[1] ?? ""];
}

/** The commands of a line. Quotes hide what is in them, and parentheses their semicolons. */
function piecesOf(line: string): Piece[] {
  const pieces: Piece[] = [];
  for (let rest = line.trimStart(); rest !== "";) {
    rest = rest.replace(PREFIX, "");
    if (rest.startsWith("*") || /^as\s/.test(rest)) break; // a comment, an alias: the line's end belongs to it
    const end = endOfCommand(rest);
    pieces.push(pieceOf(rest.slice(0, end).trim()));
    rest = rest.slice(end).replace(/^[;\s}]+/, "");
  }
  return pieces;
}

function pieceOf(text: string): Piece {
  if (!HAS_BLOCKS.test(text)) return { text, blocks: [] };
  const blocks: string[] = [];
  for (let at = text.indexOf("{"); at >= 0; at = text.indexOf("{", at)) {
    const end = endOf(text, at);
    blocks.push(text.slice(at + 1, end));
    at = end;
  }
  return { text: text.split("{")[0] ?? "", blocks };
}

/** Where a command ends: at a semicolon; one with a block behind that, another may follow at once. */
function endOfCommand(text: string): number {
  const hasBlocks = HAS_BLOCKS.test(text);
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] ?? "";
    if (sign === ";") return at;
    if (sign === '"' || sign === "(" || (hasBlocks && sign === "{")) {
      const end = endOf(text, at);
      if (sign === "{" && !/^\s*(?:\(|\{)/.test(text.slice(end + 1))) return end + 1;
      at = end;
    }
  }
  return text.length;
}

const CLOSES: Readonly<Record<string, string>> = { '"': '"', "(": ")", "{": "}" };

/** Where what opens at a place closes; the text's end, if it does not. */
function endOf(text: string, start: number): number {
  const open: string[] = [];
  for (let at = start; at < text.length; at++) {
    const sign = text[at] ?? "";
    const close = CLOSES[open.at(-1) ?? ""];
    if (sign === close) {
      open.pop();
      if (open.length === 0) return at;
    } else if (close !== '"' && sign in CLOSES) open.push(sign);
  }
  return text.length;
}
