/**
 * What not every machine can do, as programs tell without a debugger: virtual machines may have no debug registers, or run no 32-bit code. Tests that
 * need it take these as their options: elsewhere they are left out, and the runner says how many were.
 */
import { debuggee } from "./support.ts";

/** Runs a program that says something about the machine by its exit code; undefined where it does not even start. */
function ask(name: string, ...args: string[]): number | undefined {
  try {
    const { code } = new Deno.Command(debuggee(name), { args, stdin: "null", stdout: "null", stderr: "null" })
      .outputSync();
    return code;
  } catch {
    return undefined;
  }
}

/** For tests of the processor's breakpoints: both writes of registers.exe trap. */
export const needsDebugRegisters = { ignore: ask("registers.exe") !== 2 };

/** For tests of 32-bit programs: one that does nothing comes to its end. */
export const needs32Bit = { ignore: ask("wow.exe", "nothing") !== 5 };
