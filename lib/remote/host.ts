/**
 * Serves this machine's engine over standard input and output to a session elsewhere: what
 * `attach(pid, { host: ["ssh", "lab7", "deno", "run", "--allow-ffi", "URL/lib/remote/host.ts"] })` starts. It ends with its client.
 *
 *     deno run --allow-ffi lib/remote/host.ts
 *
 * @module
 */
import { EngineError } from "../session/errors.ts";
import { WorkerConnection } from "../dbgeng/worker_connection.ts";
import { failedConnection } from "./remote_connection.ts";
import { serveEngine } from "./serve.ts";

if (import.meta.main) {
  // Ctrl-C at the client's terminal is the client's: it lets the programs go, or its end does.
  Deno.addSignalListener("SIGINT", () => {});
  const channel = { readable: Deno.stdin.readable, writable: Deno.stdout.writable };
  await serveEngine(channel, openHere());
  Deno.exit(0);
}

/** The engine of this machine, or a connection that tells why there is none. */
function openHere(): WorkerConnection | ReturnType<typeof failedConnection> {
  if (Deno.build.os !== "windows") {
    const text = `Cannot open the debugger engine on ${Deno.build.os}: the host must be a Windows machine`;
    return failedConnection(new EngineError("platform", text));
  }
  const { state } = Deno.permissions.querySync({ name: "ffi" });
  if (state !== "granted") {
    const text = "Cannot open the debugger engine: the host requires ffi access, start it with --allow-ffi";
    return failedConnection(new EngineError("permission", text));
  }
  return new WorkerConnection();
}
