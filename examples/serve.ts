// deno run --allow-ffi examples/serve.ts tcp:port=5005
import { startProcessServer } from "../mod.ts";

const [options] = Deno.args;
if (!options || options === "--help") {
  console.error("Usage: deno run --allow-ffi examples/serve.ts tcp:port=5005");
  Deno.exit(2);
}

try {
  // Whoever reaches this port may debug every program of this user: there is no password.
  await using server = await startProcessServer(options);
  console.log(`serving ${options} until Ctrl-C or until a client ends it`);
  await server.ended;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exitCode = 1;
}
