// Attaches to the program named by ARG 0, or launches the arguments that it is a JSON list of, and leaves as ARG 1 says.
import { attach, launch } from "../../../mod.ts";

const [target = "", way = "", hosting = "worker"] = Deno.args;
const options = { hosting: hosting as "worker" | "inline", initialBreak: way !== "running-unbroken" };
const open = target.startsWith("[") ? launch(JSON.parse(target) as string[], options) : attach(target, options);

if (way === "throw") {
  await using program = await open;
  console.log("ready", program.pid);
  throw new Error("the script broke");
}
const program = await open;
console.log("ready", program.pid);
switch (way) {
  case "throw-undisposed":
    throw new Error("the script broke");
  case "exit":
    Deno.exit(3);
    break;
  case "held": // at the initial break, until somebody ends this process
    await new Promise((resolve) => setTimeout(resolve, 60_000));
}
await program.wait(); // running, until somebody ends this process
