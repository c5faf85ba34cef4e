/**
 * Texts that the engine interprets: which are harmless.
 * @module
 */
import { isTooDeep, MAX_DEPTH } from "../dbgeng/expressions.ts";
import { MAX_COMMAND } from "./limits.ts";
import type { Need } from "./need.ts";

/** Numbers, names, registers and arithmetic. No assignment, no comparison, no quotes, no other evaluator. */
const EXPRESSION = /^[\w .:`!+*/()@$,&|^~%-]*$/;

/** `@@` is the C++ evaluator, which assigns; `++` and `--` would, there; `$$` and `${` are comment and alias. */
const WRITES = /@@|\+\+|--|\$\$/;

/** Whether an expression can only read. */
export function onlyReads(expression: string): boolean {
  return EXPRESSION.test(expression) && !WRITES.test(expression);
}

/** What may stand behind a command of the list: no `%NAME%`, which some commands take for a variable of the engine's machine. */
const ARGUMENTS = /^(?!.*%.*%)[\w .,:+*/()@!?%#-]*$/;

/** The word that a command begins with. */
const HEAD = /^(?:[.!]?\w+|[~|$])?/;

/** Commands whose arguments are commands, aliases or files of commands: on a list they stand only for what is written there. */
const TAKES_COMMANDS = new Set([
  ...["~", "|", "$", "j", "z", "as", "ad", "al", "bp", "bu", "bm", "ba", "bs", "bsc", "sx", "sxe", "sxd", "sxn", "sxi"],
  ...[
    ".if",
    ".else",
    ".elsif",
    ".for",
    ".foreach",
    ".while",
    ".do",
    ".block",
    ".catch",
    ".cmdtree",
    ".pcmd",
    ".ocommand",
  ],
  ...[
    ".script",
    ".scriptrun",
    ".scriptload",
    ".load",
    ".loadby",
    ".logopen",
    ".logappend",
    ".expr",
    ".server",
    "!list",
  ],
  ...["!for_each_module", "!for_each_frame", "!for_each_function", "!for_each_local", "!for_each_process"],
]);

/** Commands whose arguments are places for symbols and the like, for which there is a right of its own. The same holds for them. */
const TAKES_PLACES = new Set([
  ".sympath",
  ".symfix",
  ".exepath",
  ".srcpath",
  ".lsrcpath",
  ".srcfix",
  ".lsrcfix",
  ".extpath",
]);

function takesCommands(command: string): boolean {
  return TAKES_COMMANDS.has(headOf(command));
}

function headOf(command: string): string {
  return (HEAD.exec(command)?.[0] ?? "").toLowerCase();
}

/** Stars that a word of a command may have, as in `x *!*a*b`: the engine's own patterns take as long as their stars multiply. */
const MAX_STARS = 4;

/** Why a command does not reach the engine, whatever the rights: it evaluates what is in it, conditions too. */
export function commandFault(command: string): string | undefined {
  if (command.length > MAX_COMMAND) return `longer than ${MAX_COMMAND} characters`;
  if (isTooDeep(command)) return `nested deeper than ${MAX_DEPTH} levels`;
  const hasPattern = command.split(/\s/).some((word) => word.split("*").length > MAX_STARS + 1);
  return hasPattern ? `a pattern with more than ${MAX_STARS} stars` : undefined;
}

/** The right to run a command: as it stands on the list, or one of the list with plain arguments. */
export function executeNeed(command: string): Need {
  const given = command.trim();
  const covers = (entry: string): boolean => {
    if (given === entry) return true;
    if (takesCommands(entry) || TAKES_PLACES.has(headOf(entry))) return false;
    return given.startsWith(`${entry} `) && ARGUMENTS.test(given.slice(entry.length)) && !WRITES.test(given);
  };
  // A denied command hides easily (`;`, aliases, a command in a command): with a deny list only what is plain passes.
  const denies = (entry: string): boolean =>
    given.toLowerCase().includes(entry.toLowerCase()) || !ARGUMENTS.test(given) || takesCommands(given);
  return { right: "execute", value: given, allows: covers, denies };
}

/** The right to evaluate an expression that may do more than read: only with all of `execute`. */
export function evaluateNeed(expression: string): Need {
  return { right: "execute", value: expression, denies: () => true };
}
