import type { DebugSessionOptions } from "../../../../mod.ts";

/** Where the engine lives in a measurement: beside the script, on its thread, in a host's process, or behind `latch run`. */
export const HOSTINGS = ["worker", "inline", "host", "confined"] as const;

/** One of them. */
export type Hosting = typeof HOSTINGS[number];

/** What a session needs for it. A script that runs on Linux has a host anyway; a confined one has the engine that it gets. */
export function hostingOptions(engine: string, hosting: string): DebugSessionOptions {
  if (hosting === "confined") return {};
  if (hosting !== "host") return { engine, hosting: hosting === "inline" ? "inline" : "worker" };
  if (Deno.build.os === "linux") return { engine };
  const entry = new URL("../../../../lib/remote/host.ts", import.meta.url).href;
  return { engine, host: [Deno.execPath(), "run", "--allow-ffi", "--no-prompt", entry] };
}
