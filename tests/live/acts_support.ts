/** What `acts.exe` does for tests. */
import assert from "node:assert/strict";
import { debuggee } from "./support.ts";

/** Creates a process suspended; gives its id. */
export async function createSuspended(command: readonly string[]): Promise<number> {
  const args = ["suspended", ...command];
  const { stdout, code } = await new Deno.Command(debuggee("acts.exe"), { args, stdin: "null" }).output();
  assert.equal(code, 0);
  return Number(new TextDecoder().decode(stdout));
}

/** A program whose process nobody may open, until it is disposed of. */
export async function startClosed(command: readonly string[]): Promise<{ readonly pid: number } & AsyncDisposable> {
  const child = new Deno.Command(debuggee("acts.exe"), {
    args: ["closed", ...command],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return {
    pid: Number(new TextDecoder().decode(value)),
    async [Symbol.asyncDispose](): Promise<void> {
      await child.stdin.close(); // the end of its input has it end the program
      await child.status;
    },
  };
}
