import { requireOneOf, requireOptions, requireText } from "./arguments.ts";
import type { DumpType } from "./engine.ts";

/** What is asked for a dump. @throws {TypeError} for what is no path, type or comment. */
export function dumpRequest(
  path: string,
  options: { readonly type?: DumpType; readonly comment?: string },
): [path: string, type: DumpType, comment: string | null] {
  requireOptions("Cannot write a dump", options);
  const { type = "full", comment = null } = options;
  requireText("Cannot write a dump", "path", path, false);
  requireOneOf("Cannot write a dump", "type", type, ["mini", "full"]);
  if (comment !== null) requireText("Cannot write a dump", "comment", comment);
  return [path, type, comment];
}
