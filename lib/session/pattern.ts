import { folded } from "./letters.ts";

/**
 * Whether a whole name fits a pattern: `*` is any signs, `?` one, upper and lower case are alike. It takes at most as many steps as
 * both lengths multiplied, however many stars there are.
 */
export function fitsPattern(pattern: string, name: string): boolean {
  return fitsSigns(signsOf(pattern), signsOf(name));
}

/** Both as single signs. Only the last star is ever gone back to: what fits an earlier one fits there as well. */
export function fitsSigns(pattern: ArrayLike<string>, name: ArrayLike<string>): boolean {
  let at = 0;
  /** Behind the last star, and how much of the name it leaves to what follows. */
  let behindStar = -1;
  let from = 0;
  for (let index = 0; index < name.length;) {
    const sign = pattern[at];
    if (sign === "*") {
      behindStar = ++at;
      from = index;
    } else if (sign === "?" || (sign !== undefined && sign === name[index])) {
      at++;
      index++;
    } else if (behindStar >= 0) {
      at = behindStar;
      index = ++from;
    } else return false;
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}

function signsOf(text: string): string[] {
  return Array.from(folded(text));
}
