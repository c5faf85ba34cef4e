/** Lengths of time as people write them: `30s`, `10m`, `2h`, `90d`. */

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a text such as `90s`; undefined if it is none. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim()) ?? [];
  const factor = UNITS[unit ?? ""];
  return count === undefined || factor === undefined ? undefined : Number(count) * factor;
}

/** A length of time for people, in the largest unit that fits. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1).replace(/\.0$/, "")}s`;
  if (ms < 3_600_000) return pair(ms, 60_000, "m", 1000, "s");
  if (ms < 86_400_000) return pair(ms, 3_600_000, "h", 60_000, "m");
  return pair(ms, 86_400_000, "d", 3_600_000, "h");
}

function pair(ms: number, large: number, name: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)}${name}${rest === 0 ? "" : ` ${rest}${smallName}`}`;
}
