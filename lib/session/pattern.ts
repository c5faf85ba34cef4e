/**
 * Whether a text as a whole fits a pattern with `*` and `?`; upper and lower case are alike. The time that it takes grows with the lengths of
 * both, and no faster: what stands between two stars is looked for once, from where the last piece ended.
 */
export function fits(pattern: string, text: string): boolean {
  const [first = "", ...others] = pattern.split("*");
  const last = others.pop();
  if (last === undefined) return endOf(`^${source(first)}$`, text, 0) !== undefined;
  let at = endOf(`^${source(first)}`, text, 0);
  for (const piece of others) if (at !== undefined) at = endOf(source(piece), text, at);
  return at !== undefined && endOf(`${source(last)}$`, text, at) !== undefined;
}

/** The regular expression that a piece without stars stands for. */
function source(piece: string): string {
  return piece.replaceAll(/[.+?^${}()|[\]\\]/g, (sign) => sign === "?" ? "." : `\\${sign}`);
}

/** Where the first match ends that begins at a place or behind it. */
function endOf(source: string, text: string, start: number): number | undefined {
  const expression = new RegExp(source, "gisu");
  expression.lastIndex = start;
  return expression.test(text) ? expression.lastIndex : undefined;
}
