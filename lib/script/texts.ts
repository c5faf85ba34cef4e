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

/**
 * What may stand behind a command of the list: no `%NAME%`, which some commands take
 * for a variable of the engine's machine, and no `!!`, which is `.shell`.
 */
const ARGUMENTS = /^(?!.*%.*%)(?!.*!\s*!)[\w .,:+*/()@!?%#-]*$/;

/** The names in the first word of a command: `!peb` and `.peb`, of which the engine has some by both signs, and `!exts.peb`. */
const FIRST_WORD = /^[.!]*\s*(\S*)/;

/** Commands whose arguments are commands, aliases or files of commands: on a list they stand only for what is written there. */
const TAKES_COMMANDS = new Set([
  ...["j", "z", "as", "ad", "al", "bp", "bu", "bm", "ba", "bs", "bsc", "sx", "sxe", "sxd", "sxn", "sxi", "dx", "dtx"],
  ...["if", "else", "elsif", "for", "foreach", "while", "do", "block", "catch", "cmdtree", "pcmd", "ocommand"],
  ...["script", "scriptrun", "scriptload", "load", "loadby", "setdll", "logopen", "logappend", "expr", "server"],
  ...["shell", "idle_cmd", "list", "address"],
]);

/** The same for `~*e`, `|0 …`, `$$<`, for `!!`, which is `.shell`, and for `!for_each_…`. */
const BEGINS_COMMANDS = /^(?:[~|$]|!\s*!|!\s*(?:\S*\.)?for_each_)/i;

/** Commands whose arguments are places for symbols and the like, for which there is a right of its own. The same holds for them. */
const TAKES_PLACES = new Set([
  ...["sympath", "symfix", "exepath", "srcpath", "lsrcpath", "srcfix", "lsrcfix", "extpath"],
]);

function takesCommands(command: string): boolean {
  return BEGINS_COMMANDS.test(command) || namesIn(command).some((name) => TAKES_COMMANDS.has(name));
}

function takesPlaces(command: string): boolean {
  return namesIn(command).some((name) => TAKES_PLACES.has(name));
}

function namesIn(command: string): string[] {
  const [, word = ""] = FIRST_WORD.exec(command.toLowerCase()) ?? [];
  return word.split(/\W+/).map((name) => name.replace(/\d+$/, "")); // bp0
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

/** What is no plain name of a command: `!!`, which is `.shell`, and extensions with their library, as in `!exts.peb`. */
const HAS_OTHER_NAME = /!\s*(?:!|[^\s!.]*\.)/;

/** An entry of a deny list by the name that passes for plain; commands are compared without regard to case, signs and blanks. */
function comparable(text: string): string {
  const plain = text.replace(/^!\s*!\s*/, ".shell ").replace(/^!\s*\S*\./, "!");
  return plain.toLowerCase().replaceAll("!", ".").replaceAll(/\s+/g, " ").replaceAll(". ", ".").trim();
}

/** The right to run a command: as it stands on the list, or one of the list with plain arguments. */
export function executeNeed(command: string): Need {
  const given = command.trim();
  const covers = (entry: string): boolean => {
    if (given === entry) return true;
    if (takesCommands(entry) || takesPlaces(entry)) return false;
    return given.startsWith(`${entry} `) && ARGUMENTS.test(given.slice(entry.length)) && !WRITES.test(given);
  };
  // A denied command hides easily (`;`, aliases, a command in a command): with a deny list only what is plain passes.
  const isPlain = ARGUMENTS.test(given) && !HAS_OTHER_NAME.test(given) && !takesCommands(given);
  const denies = (entry: string): boolean => !isPlain || comparable(given).includes(comparable(entry));
  return { right: "execute", value: given, allows: covers, denies };
}

/** The right to evaluate an expression that may do more than read: only with all of `execute`. */
export function evaluateNeed(expression: string): Need {
  return { right: "execute", value: expression, denies: () => true };
}
