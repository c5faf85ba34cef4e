// deno run --allow-ffi examples/launch.ts notepad.exe
import { launch } from "../mod.ts";

if (Deno.args.length === 0 || Deno.args[0] === "--help") {
  console.error("Usage: deno run --allow-ffi examples/launch.ts PROGRAM [ARGUMENTS]");
  Deno.exit(2);
}

try {
  await using program = await launch(Deno.args, {
    on: {
      createProcess: ({ program }) => console.log(`process ${program.pid} ${program.name}`),
      // The program is held while this runs. No answer: it goes on.
      loadModule: ({ module: { base, size, imageName } }) =>
        console.log(base.toString(16).padStart(16, "0"), String(size).padStart(9), imageName),
    },
  });
  await program.wait();
  console.log(`exit code ${program.end?.exitCode}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exitCode = 1;
}
