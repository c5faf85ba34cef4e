/** Names that somebody may have meant. */

/** Those that are nearest to a name, the nearest first. */
export function nearest(name: string, names: readonly string[], most: number): string[] {
  const far = new Map(names.map((each) => [each, distance(name, each)]));
  return [...far.keys()].sort((one, other) => (far.get(one) ?? 0) - (far.get(other) ?? 0)).slice(0, most);
}

/** How far two names are from each other: letters to change, leave out or put in. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const isSame = one[i - 1]?.toLowerCase() === other[j - 1]?.toLowerCase();
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (isSame ? 0 : 1)));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
