/**
 * Upper and lower case as Windows compares names: letter by letter, in every language alike.
 * @module
 */

/**
 * A name with every letter in upper case. Two names that come out the same are one to Windows. Only letters that are each other's
 * case count: JavaScript's own `ſ` in upper case is `S`, and the sign for kelvin in lower case `k`, which Windows tells apart.
 */
export function folded(name: string): string {
  let upper = "";
  for (let at = 0; at < name.length; at++) upper += upperCase(name.charAt(at));
  return upper;
}

function upperCase(unit: string): string {
  const upper = unit.toUpperCase();
  return upper.length === 1 && upper.toLowerCase() === unit ? upper : unit;
}
