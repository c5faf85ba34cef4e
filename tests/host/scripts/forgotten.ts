/**
 * Attaches to the program named by ARG 0, launches what ARG 1 is a JSON list of, and disposes of nothing. With ARG 2 the launched one runs:
 * `heard` listens to its end, `waited` waits for it.
 */
import { DebugSession } from "../../../mod.ts";

const [target = "", command = "[]", how] = Deno.args;

async function main(): Promise<void> {
  const session = new DebugSession();
  if (target !== "") await session.attach(target);
  const program = await session.launch(JSON.parse(command) as string[], { initialBreak: how === undefined });
  console.log("there");
  if (how === "heard") program.on("programDestroy", ({ exitCode }) => console.log("heard", exitCode));
  if (how === "waited") console.log("ended", (await program.ended).exitCode);
}

main(); // not awaited: nothing but the session is to keep the script
