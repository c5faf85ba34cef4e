/**
 * Paths of Windows programs as the user of this machine writes them: below Wine, drive Z is the root of Linux.
 * @module
 */
import { resolve } from "node:path";

/** A path of this machine as its engine sees it. */
export function enginePath(path: string, os: string = Deno.build.os): string {
  if (os === "windows" || /^[A-Za-z]:[\\/]|^\\\\/.test(path)) return path;
  return `Z:${resolve(path).replaceAll("/", "\\")}`;
}

/** A path as Linux has it. On Windows it is so already, and what is on drives of Wine's own stays. */
export function shownPath(path: string, os: string = Deno.build.os): string {
  return os === "windows" || !/^z:[\\/]/i.test(path) ? path : path.slice(2).replaceAll("\\", "/");
}

/** A text with its paths so; one ends where no name of a file goes on, at a sign of punctuation, or where the next begins. */
export function shownText(text: string, os?: string): string {
  return text.replaceAll(/\bz:\\(?:(?!\bz:\\)[^"*<>?|:;,\n])*/gi, (path) => shownPath(path, os));
}
