/** What has to be there before anything is measured, and what the figures depend on. */
import { join } from "node:path";
import { prefixFolder } from "../../../lib/cli/host/host.ts";
import { buildDebuggees } from "../debuggees.ts";
import { PREFIX, prepareHost } from "../host.ts";
import { processorName, unpinnedServer } from "./machine.ts";
import { PIPED, type Places, programsAt } from "./programs.ts";
import { runOnce } from "./run.ts";

/** Prepares the host, the programs and a dump, which lies in `folder`. */
export async function prepare(root: string, folder: string): Promise<Places> {
  const host = await prepareHost(["wine", "compiler"]);
  const debuggees = await buildDebuggees(host);
  const places = { host, root, debuggees, dump: join(folder, "bench.dmp") };
  const { client, debuggee, dump } = programsAt(places);
  await runOnce(client("write-dump", dump, "--", debuggee("spin.exe")), "the dump");
  return places;
}

/** One line for each thing that decides what the figures are. */
export async function describe(places: Places, pinning: string): Promise<string[]> {
  const { host, root } = places;
  const { script, engine } = programsAt(places);
  const about = JSON.parse((await runOnce(script("about.ts", engine), "the engine")).line);
  const load = Deno.loadavg()[0]?.toFixed(1);
  const version = host.command("--version", [], { ...PIPED, cwd: root });
  const wine = host.kind === "wine" ? (await runOnce(version, "Wine")).line : "";
  const server = unpinnedServer(prefixFolder(host.cache, Number(Deno.env.get(PREFIX) ?? 1)));
  return [
    `machine: ${processorName()}; ${host.kind === "wine" ? `${wine} on Linux` : "Windows"} ${Deno.osRelease()}`,
    `engine: dbgeng.dll ${about.engine} (${about.architecture}); Deno ${about.deno} for Windows, V8 ${about.v8}`,
    `${new Date().toISOString().slice(0, 10)}; ${pinning}${server}; load at the start ${load}`,
  ];
}
