import type { DebugSessionOptions } from "../../../mod.ts";

/** Where the engine lives in a measurement: beside the script, on its thread, or in a host's process. */
export const HOSTINGS = ["worker", "inline", "host"] as const;

/** One of them. */
export type Hosting = typeof HOSTINGS[number];

/** What a session needs for it. A script that runs on Linux has a host anyway. */
export function hostingOptions(hosting: string): Pick<DebugSessionOptions, "hosting" | "host"> {
  if (hosting !== "host") return { hosting: hosting === "inline" ? "inline" : "worker" };
  if (Deno.build.os === "linux") return {};
  const entry = new URL("../../../lib/remote/host.ts", import.meta.url).href;
  return { host: [Deno.execPath(), "run", "--allow-ffi", "--no-prompt", entry] };
}
