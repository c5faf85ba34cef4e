import { fullPath } from "./paths.ts";
import { refuse } from "./values.ts";

/** A command line, cut where CreateProcess cuts it. */
export interface ProgramCommand {
  /** The program: a full path, or a bare file name that Windows looks for. */
  readonly program: string;
  /** The whole again, with the program in quotation marks, so that it can be read in one way only. */
  readonly commandLine: string;
}

const NAME = "the command line";

/**
 * Takes the program out of a command line. Unquoted, CreateProcess would try `C:\Program.exe` for `C:\Program Files\app.exe`:
 * here the program ends at the first space, and is quoted.
 */
export function programCommand(commandLine: string, folder?: string): ProgramCommand {
  const [, inQuotes, plain, rest = ""] = /^[ \t]*(?:"([^"]*)"|([^" \t]+))(?=[ \t]|$)(.*)$/s.exec(commandLine) ?? [];
  const token = inQuotes ?? plain;
  if (token === undefined || token.trim() === "") refuse(NAME, "without a program that can be told from its arguments");
  const program = /[\\/:]/.test(token) ? fullPath(token, NAME, folder) : bareName(token);
  return { program, commandLine: `"${program}"${rest}` };
}

function bareName(token: string): string {
  fullPath(token, NAME, "C:\\"); // the same rules for the one name
  return token.includes(".") ? token : `${token}.exe`;
}

/** Whether Windows would start a command interpreter for it, which reads its arguments in its own way. */
export function isBatch(program: string): boolean {
  return /\.(?:bat|cmd)$/i.test(program);
}
