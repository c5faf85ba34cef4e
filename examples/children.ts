// deno run --allow-ffi examples/children.ts follow=link*.exe "build.exe all"
import { type ChildPolicy, DebugSession } from "../mod.ts";

const command = Deno.args.at(-1);
const rules = Deno.args.slice(0, -1).map((rule) => rule.split("=", 2));
if (!command || command === "--help") {
  console.error("Usage: deno run --allow-ffi examples/children.ts [follow|detach|ignore=PATTERN]… COMMAND");
  Deno.exit(2);
}

await using session = new DebugSession();
session
  .on("programCreate", ({ program, parent }) => {
    console.log(`${program.name} (${program.pid})`, parent ? `started by ${parent.name} (${parent.pid})` : "launched");
    // Handlers of a program's own, there before its first module.
    if (!parent) return;
    program.on("exception", ({ name, firstChance }) => {
      if (!firstChance) console.log(`${program.name} (${program.pid}) dies of ${name}`);
    });
  })
  .on("programDestroy", ({ program, reason, exitCode }) => {
    console.log(`${program.name} (${program.pid}) ${reason}`, exitCode === undefined ? "" : `with code ${exitCode}`);
  });

try {
  const children = Object.fromEntries(rules.map(([policy, pattern]) => [pattern ?? "*", policy as ChildPolicy]));
  await session.launch(command, { children: rules.length > 0 ? children : "follow" });
  await session.run();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exitCode = 1;
}
