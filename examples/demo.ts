// deno run --allow-ffi examples/demo.ts app.exe
import { DebugSession } from "../mod.ts";

if (Deno.args.length === 0 || Deno.args[0] === "--help") {
  console.error("Usage: deno run --allow-ffi examples/demo.ts PROGRAM [ARGUMENTS]");
  Deno.exit(2);
}

function print(what: string, text: string, color = "gray"): void {
  console.log(`%c${what.padEnd(16)}%c${text}`, `color: ${color}`, "");
}

function row(base: bigint, size: number, path: string): string {
  return `${base.toString(16).padStart(16, "0")}  ${`${size / 1024} KB`.padStart(8)}  ${path.split("\\").at(-1)}`;
}

try {
  await using session = new DebugSession();
  const { folder, source, files } = await session.engine();
  print("engine", `${folder} (${source})`, "green");
  for (const { name, version } of files) print("", `${name.padEnd(12)} ${version}`);

  session.on("createProcess", ({ program, module }) => {
    print("create process", row(module.base, module.size, program.name) + `, process ${program.pid}`, "green");
  });
  session.on("loadModule", ({ module }) => print("load module", row(module.base, module.size, module.imageName)));
  session.on("exception", async ({ program, threadId, name, firstChance }) => {
    print("exception", `${name}, ${firstChance ? "first" : "second"} chance, thread ${threadId}`, "red");
    const frames = (await program.thread(threadId).stack()).filter(({ file }) => file !== null);
    for (const { symbol, file, line } of frames) {
      print("", `${symbol?.padEnd(24)} ${file?.split(/[\\/]/).at(-1)}:${line}`);
    }
  });
  const program = await session.launch(Deno.args);
  await program.wait();
  print("exit process", `code ${program.end?.exitCode}`, "green");
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exitCode = 1;
}
