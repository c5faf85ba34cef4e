/**
 * What not every machine can do, as programs tell without a debugger: virtual machines may have no debug registers, or run no 32-bit code. Tests that
 * need it take these as their options: elsewhere they are left out, and the runner says how many were.
 */
import { isWine } from "../../lib/dbgeng/thread/windows.ts";
import { debuggee } from "./support.ts";

/** Runs a program that says something about the machine by its exit code; undefined where it does not begin, though it is there. */
function ask(name: string, ...args: string[]): number | undefined {
  Deno.statSync(debuggee(name));
  try {
    const { code } = new Deno.Command(debuggee(name), { args, stdin: "null", stdout: "null", stderr: "null" })
      .outputSync();
    return code;
  } catch {
    return undefined;
  }
}

/** For tests of the processor's breakpoints: left out where none of both writes of registers.exe trapped. */
export const needsDebugRegisters = { ignore: ask("registers.exe") === 0 };

/** For tests of 32-bit programs: left out where one that does nothing does not come to its end. Windows runs them on any machine. */
export const needs32Bit = { ignore: isWine() && ask("wow.exe", "nothing") !== 5 };
