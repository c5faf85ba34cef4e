/**
 * Names and texts of programs: which pattern they fit, and how they are shown.
 * @module
 */

/** Whether a text matches a pattern with `*` and `?`, upper and lower case and both kinds of slashes alike. */
export function matches(pattern: string, text: string): boolean {
  const plain = (part: string): string[] => Array.from(part.replaceAll("/", "\\"), upperCase);
  const signs = plain(text);
  const parts = plain(pattern).join("").split("*").map((part) => [...part]);
  const [first = [], last = []] = [parts.shift(), parts.pop()];
  if (parts.length === 0 && last.length === 0 && !pattern.includes("*")) {
    return signs.length === first.length && fitsAt(first, signs, 0);
  }
  // Each part in its first place: what comes behind has the most room then, so that nothing is tried twice.
  let from = first.length;
  if (!fitsAt(first, signs, 0)) return false;
  for (const part of parts) {
    while (from + part.length <= signs.length && !fitsAt(part, signs, from)) from++;
    from += part.length;
  }
  const end = signs.length - last.length;
  return from <= end && fitsAt(last, signs, end);
}

/** Of one sign; some have two for it. */
function upperCase(sign: string): string {
  const upper = sign.toUpperCase();
  return upper.length === sign.length ? upper : sign;
}

function fitsAt(part: readonly string[], signs: readonly string[], at: number): boolean {
  return part.every((sign, index) => at + index < signs.length && (sign === "?" || sign === signs[at + index]));
}

/** Characters that a terminal obeys, and those that turn the direction of writing. */
// deno-lint-ignore no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** One line that a terminal shows and does not obey. */
export function oneLine(text: string): string {
  return text.replaceAll(CONTROL, (sign) => sign === "\t" ? " " : `\\u{${sign.codePointAt(0)?.toString(16)}}`);
}
