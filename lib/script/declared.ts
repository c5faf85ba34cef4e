import { adviceOnSpace, isRightFlag } from "./rights.ts";
import { quoted, visible } from "./visible.ts";

/** How many characters of flags a person can be expected to read. */
const MOST = 2_000;

/** A flag that can be told from what stands beside it. */
const PLAIN = /^[\w=.,:/\\@%+*?!~$#-]+$/;

// Comments can be read in one way only: otherwise a script could keep these busy for ever.
const DECLARATION = /^export\s+const\s+rights\b[^=\n]*=\s*\[/m;
const ITEM = /^(?:\s|\/\/[^\n]*\n|\/\*(?:[^*]|\*(?!\/))*\*\/)*(?:("(?:[^"\\\n]|\\.)*"|'[^'\\\n]*')\s*|(\]))/;
const COMMA = /^(?:\s|\/\/[^\n]*\n|\/\*(?:[^*]|\*(?!\/))*\*\/)*,/;

/**
 * What a script says that it needs: `export const rights = ["--allow-attach=app.exe"]`. It is read out of the text, and
 * nothing of the script runs for it. Undefined where it says nothing.
 * @throws {TypeError} where that is no list of texts in quotation marks.
 */
export function declaredRights(source: string): readonly string[] | undefined {
  const begin = DECLARATION.exec(source);
  if (!begin) return undefined;
  const flags: string[] = [];
  for (let rest = source.slice(begin.index + begin[0].length);;) {
    const [item, literal, end] = ITEM.exec(rest) ?? [];
    if (item === undefined) throw cannotRead();
    if (end !== undefined) return flags;
    flags.push(flagOf(literal ?? ""));
    rest = rest.slice(item.length);
    const comma = COMMA.exec(rest)?.[0];
    if (comma !== undefined) rest = rest.slice(comma.length);
    else if (!/^(?:\s|\/\/[^\n]*\n|\/\*(?:[^*]|\*(?!\/))*\*\/)*\]/.test(rest)) throw cannotRead();
  }
}

/**
 * What a script declares, for the eyes of the one who grants it: all of it, each flag whole. Undefined where that is more than anybody reads.
 */
export function shownRights(flags: readonly string[]): string | undefined {
  const shown = flags.map((flag) => PLAIN.test(flag) ? flag : JSON.stringify(flag)).join(" ");
  return shown.length > MOST ? undefined : shown;
}

function flagOf(literal: string): string {
  const text: unknown = literal.startsWith("'") ? literal.slice(1, -1) : parsed(literal);
  if (typeof text !== "string") throw cannotRead();
  if (!isRightFlag(text)) {
    const advice = adviceOnSpace(text);
    const fault = advice === undefined ? "is none" : `is none: ${advice}`;
    throw new TypeError(`Cannot read the rights that the script declares: ${quoted(text)} ${fault}`);
  }
  if (visible(text, Infinity) !== text) {
    throw new TypeError(`Cannot read the rights that the script declares: ${quoted(text)} has signs that do not show`);
  }
  return text;
}

function parsed(literal: string): unknown {
  try {
    return JSON.parse(literal);
  } catch {
    throw cannotRead();
  }
}

function cannotRead(): TypeError {
  return new TypeError(
    'Cannot read the rights that the script declares: they must be a plain list, ["--allow-attach=app.exe", …]',
  );
}
