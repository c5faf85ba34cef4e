// deno run --allow-ffi examples/remote.ts tcp:server=lab7,port=5005 notepad.exe
import { connect } from "../mod.ts";

const [server, ...command] = Deno.args;
if (!server || server === "--help") {
  console.error("Usage: deno run --allow-ffi examples/remote.ts REMOTE_OPTIONS [PROGRAM [ARGUMENTS]]");
  Deno.exit(2);
}

try {
  await using lab = await connect(server);
  for (const { processId, name } of await lab.port.processes()) console.log(String(processId).padStart(6), name);
  if (command.length > 0) {
    lab.session.on("loadModule", ({ module }) => console.log(`loaded ${module.imageName}`));
    const program = await lab.session.launch(command, { port: lab.port });
    await program.wait();
    console.log(`process ${program.pid} ended with code ${program.end?.exitCode}`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exitCode = 1;
}
