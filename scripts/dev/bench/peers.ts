/** Clients in other languages that do what the native client does: C# through COM interop, and Node with koffi. */
import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Log, makeMissing, type Step } from "../../../lib/cli/host/cache.ts";
import { fetchFromNpm, type PinnedPackage } from "../../../lib/cli/host/registries.ts";
import { REAL_PROGRAMS, type RealProgram } from "../../../tests/real/programs.ts";
import type { Host } from "../host.ts";
import { fetchReal, publishStep } from "../real.ts";
import type { Facts } from "./facts.ts";
import { liveFigures, type Measurement, rateOf, targetsOf, told } from "./measurements.ts";
import { csharpInterfaces, interfaceNumbers } from "./peers/interfaces.ts";
import { CLIENT, PIPED, type Places, programsAt } from "./programs.ts";
import { RUN_MARK, runOnce } from "./run.ts";
import type { Counts, Figures } from "./sections.ts";

/** A client: a Windows program, and what stands before the arguments that it shares with the other. */
export interface Peer {
  readonly name: "csharp" | "koffi";
  readonly program: string;
  readonly args: readonly string[];
}

const SOURCES = fileURLToPath(new URL("peers/", import.meta.url));

const KOFFI: readonly (PinnedPackage & { readonly folder: string })[] = [
  {
    ...{ name: "koffi", version: "3.3.4", folder: "koffi" },
    sha512: "31Vr+LM+w1dEsNcOJtJWvYyUTjVc/SWOxNDZJxfhsBC6qZ5YVn98n5x1oBbDq5skxCbWD4SByJpNmq63fvg9Aw==",
  },
  {
    ...{ name: "@koromix/koffi-win32-x64", version: "3.3.4", folder: "@koromix/koffi-win32-x64" },
    sha512: "/SpehfYrO9DtkoB0ZOgGyco4GH4zwhEyFqgCm0x8lbzXnrKiwnHXWmPpfuXhFYohFvoSO5jlLQz/hc1fJ5G0AQ==",
  },
];

/**
 * Builds and fetches them, once.
 * @throws {Error} when `dotnet` or `npm` is not there, or has no such packages.
 */
export async function preparePeers({ cache, engine }: Host, log: Log = console.error): Promise<Peer[]> {
  const read = (name: string): string => Deno.readTextFileSync(join(SOURCES, name));
  const project = new Map(["client.cs", "client.csproj"].map((name) => [name, read(name)]));
  project.set("interfaces.cs", csharpInterfaces());
  const csharp = publishStep("publishing the C# client", join(cache, "bench-csharp"), project, "client.exe");
  const node = await fetchReal(REAL_PROGRAMS.find(({ title }) => title === "Node") as RealProgram, log);
  const files = [node, ...ENGINE.map((name) => join(engine, name))];
  const koffi = koffiStep(join(cache, "bench-koffi"), files, read("client.cjs"), JSON.stringify(interfaceNumbers()));
  await makeMissing(cache, [csharp, koffi], log);
  return [
    { name: "csharp", program: join(csharp.folder, "client.exe"), args: [] },
    { name: "koffi", program: join(koffi.folder, "node.exe"), args: [join(koffi.folder, "client.cjs")] },
  ];
}

/** Node itself loads a dbghelp.dll: with the engine's beside it, that is the right one. */
const ENGINE = ["dbghelp.dll", "dbgcore.dll"];

/** A folder as npm would make it, with Node and the client in it. */
function koffiStep(folder: string, files: readonly string[], client: string, interfaces: string): Step {
  const recipe = createHash("sha256").update(JSON.stringify([KOFFI, files, client, interfaces])).digest("hex");
  const make = async (target: string): Promise<void> => {
    for (const each of KOFFI) {
      const modules = join(target, "node_modules", each.folder);
      await Deno.mkdir(modules, { recursive: true });
      await fetchFromNpm(each, modules);
    }
    for (const file of files) await Deno.link(file, join(target, basename(file)));
    await Deno.writeTextFile(join(target, "client.cjs"), client);
    await Deno.writeTextFile(join(target, "interfaces.json"), interfaces);
  };
  return { title: "fetching koffi", seconds: 5, folder, recipe, make };
}

/** What they measure, with the same checks: they write into a file, since Node under Wine cannot print into a pipe of Linux. */
export function peerMeasurements(
  peers: readonly Peer[],
  places: Places,
  counts: Counts,
  facts: Facts,
  folder: string,
): Measurement[] {
  const { host } = places;
  const { engine, debuggee } = programsAt(places);
  const out = join(folder, "peer.json");
  const { exceptions, notes, live } = targetsOf(debuggee, counts);
  const runPeer = async ({ name, program, args }: Peer, verb: string, command: readonly string[]): Promise<string> => {
    const own = args.map((each) => host.windowsPath(each));
    const words = [...own, engine, host.windowsPath(out), verb, "--", ...command];
    const options = { ...PIPED, env: { ...RUN_MARK, ...CLIENT } };
    await Deno.remove(out).catch(() => {});
    await runOnce(host.command(host.windowsPath(program), words, options), name);
    return await Deno.readTextFile(out);
  };
  const measurement = (name: string, run: () => Promise<Figures>): Measurement => ({ name, isOurs: false, run });
  return peers.flatMap((peer) => {
    const { name } = peer;
    const events = (title: string, verb: string, { group, command }: typeof notes): Measurement =>
      measurement(title, async () => {
        const line = await runPeer(peer, verb, command);
        return { rate: rateOf(facts, group, name, told({ line })) };
      });
    return [
      events(`exceptions-${name}-listening`, "silent", exceptions),
      events(`notes-${name}-looking`, "looks", notes),
      measurement(
        `live-${name}`,
        async () => liveFigures(facts, name, JSON.parse(await runPeer(peer, "reads", live.command))),
      ),
    ];
  });
}
