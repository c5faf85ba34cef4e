/** `--json PROGRAM`: launches a program, and finds the exception that it dies of. */
import { type DebugEventMap, launch } from "../../../mod.ts";

async function report({ program, threadId, name, firstChance }: DebugEventMap["exception"]): Promise<"goNotHandled"> {
  if (!firstChance) {
    const [frame] = await program.thread(threadId).stack(1);
    const title = `${name} in ${frame?.symbol}`;
    console.log(JSON.stringify({ type: "finding", diagnostic: "catch", title }));
    Deno.exitCode = 1;
  }
  return "goNotHandled";
}

try {
  await using program = await launch([Deno.args.at(-1) ?? ""], { on: { exception: report } });
  await program.wait();
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : error}`);
  Deno.exitCode = 2;
}
