// Attaches to the program named by ARG 0, or launches the arguments that it is a JSON list of, and leaves as ARG 1 says.
// ARG 2: the hosting. ARG 3: a program to attach to in the same session, before the other;
// it is let go again by `beside-gone`.
import { attach, DebugSession, launch, type Program } from "../../../mod.ts";

const [target = "", way = "", hosting = "worker", beside] = Deno.args;
const options = {
  hosting: hosting as "worker" | "inline",
  initialBreak: way !== "running-unbroken",
  watchExit: way !== "throw-unwatched",
};
if (beside) {
  const session = new DebugSession(options);
  const other = await session.attach(beside);
  const program = await session.launch(JSON.parse(target) as string[]);
  if (way === "beside-gone") await other.detach();
  console.log("ready", program.pid);
  await session.wait();
}
/** Abandons the program and takes it up again. */
async function takeUp(): Promise<Program> {
  const session = new DebugSession(options);
  const abandoned = await session.attach(target);
  await abandoned.abandon();
  return await session.attach(abandoned.pid, { existing: true });
}
const open = target.startsWith("[")
  ? launch(JSON.parse(target) as string[], options)
  : way === "taken-up"
  ? takeUp()
  : attach(target, options);
const long = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60_000)); // somebody ends this process before

if (way === "throw") {
  await using program = await open;
  console.log("ready", program.pid);
  throw new Error("the script broke");
}
const program = await open;
if (way === "handler" || way === "stopped") {
  program.on("exception", async () => {
    if (way === "stopped") return "break";
    console.log("ready", program.pid);
    await long();
  });
  await program.wait();
}
console.log("ready", program.pid);
switch (way) {
  case "throw-undisposed":
  case "throw-unwatched":
    throw new Error("the script broke");
  case "exit":
    Deno.exit(3);
    break;
  case "held": // at the initial break
  case "stopped": // at an event, between two waits
    await long();
}
if (way !== "forgotten") await program.wait(); // running, until somebody ends this process
