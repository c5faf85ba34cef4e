/**
 * Attaches to the program named by ARG 0, or launches the command that it is in JSON; has the engine load the extension that ARG 1 is, and get
 * stuck in it. Prints "ready", and ends by ARG 2: "dispose", "abort", or a signal that comes from outside.
 */
import { DebugSession } from "../../../mod.ts";

const [what = "", extension = "", way = ""] = Deno.args;
const session = new DebugSession();
const program = what.startsWith("[") ? await session.launch(JSON.parse(what)) : await session.attach(what);
await program.execute(`.load ${extension}`);
if (way === "abort") {
  await program.execute('sxe -c "!stuck" ct'); // the thread that an interrupt begins
  const waiting = session.wait({ signal: AbortSignal.timeout(1_000) }).catch(() => {});
  setTimeout(() => console.log("ready"), 1_000);
  await waiting;
  console.log("over");
} else {
  const stuck = program.execute("!stuck").catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 500));
  console.log("ready");
  if (way !== "dispose") await stuck;
}
await session[Symbol.asyncDispose]();
