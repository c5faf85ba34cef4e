/**
 * Texts that the engine interprets: which are harmless.
 * @module
 */
import type { Need } from "./permissions.ts";

/** Numbers, names, registers and arithmetic. No assignment, no comparison, no quotes, no other evaluator. */
const EXPRESSION = /^[\w .:`!+*/()@$,&|^~%-]*$/;

/** `@@` is the C++ evaluator, which assigns; `++` and `--` would, there; `$$` and `${` are comment and alias. */
const WRITES = /@@|\+\+|--|\$\$/;

/** Whether an expression can only read. */
export function onlyReads(expression: string): boolean {
  return EXPRESSION.test(expression) && !WRITES.test(expression);
}

/** What may stand behind a command of the list. */
const ARGUMENTS = /^[\w .,:+*/()@!?%#-]*$/;

/** The right to run a command: as it stands on the list, or one of the list with plain arguments. */
export function executeNeed(command: string): Need {
  const given = command.trim();
  const covers = (entry: string): boolean => {
    if (given === entry) return true;
    return given.startsWith(`${entry} `) && ARGUMENTS.test(given.slice(entry.length)) && !WRITES.test(given);
  };
  // A denied command hides easily (`;`, aliases): with a deny list only what is plain passes.
  const denies = (entry: string): boolean => {
    const [head = ""] = given.split(/[^\w.!]/);
    return given === entry || given.startsWith(entry) || head === entry || !ARGUMENTS.test(given);
  };
  return { right: "execute", value: given, allows: covers, denies };
}

/** The right to evaluate an expression that may do more than read: only with all of `execute`. */
export function evaluateNeed(expression: string): Need {
  return { right: "execute", value: expression, denies: () => true };
}
