/** The regular expression that a pattern with `*` and `?` stands for: of a whole name, without flags. */
export function patternSource(pattern: string): string {
  const text = pattern.replaceAll(
    /[.*+?^${}()|[\]\\]/g,
    (sign) => sign === "*" ? ".*" : sign === "?" ? "." : `\\${sign}`,
  );
  return `^${text}$`;
}
