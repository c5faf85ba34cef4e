// deno run --allow-ffi examples/expert.ts crash.dmp "k"
import * as dbgeng from "../lib/dbgeng/mod.ts";

const [dump, command = "k"] = Deno.args;
if (!dump || dump === "--help") {
  console.error("Usage: deno run --allow-ffi examples/expert.ts DUMP [COMMAND]");
  Deno.exit(2);
}

try {
  // Every method of dbgeng.h is there with its own name; a failure throws, results by pointer are returned.
  using engine = dbgeng.openEngine();
  const { client } = engine;
  using control = client.query(dbgeng.IDebugControl4);
  using output = new dbgeng.ComCallback<dbgeng.IDebugOutputCallbacksWide>(dbgeng.IDebugOutputCallbacksWide, {
    Output: (_mask, text) => void Deno.stdout.writeSync(new TextEncoder().encode(String(text))),
  });
  client.OpenDumpFileWide(dump, 0n);
  control.WaitForEvent(0, 0xffffffff); // the dump is open once this returns
  client.SetOutputCallbacksWide(output);
  control.ExecuteWide(dbgeng.DEBUG_OUTCTL_THIS_CLIENT, command, 0);
  client.SetOutputCallbacksWide(null);
  client.EndSession(dbgeng.DEBUG_END_ACTIVE_DETACH);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exitCode = 1;
}
