/**
 * Fetches the real programs of `tests/real` into the cache, each once.
 *
 *     deno run -A scripts/dev/real.ts      prints where they are
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Log, makeMissing, type Step } from "../../lib/cli/host/cache.ts";
import { unpackPackages } from "../../lib/cli/host/debian.ts";
import { userCache } from "../../lib/cli/host/host.ts";
import { run } from "../../lib/cli/host/process.ts";
import { checkNuget, DOTNET, fetchFromNpm, fetchFromNuget, type PinnedPackage } from "../../lib/cli/host/registries.ts";
import { REAL_PROGRAMS, type RealProgram } from "../../tests/real/programs.ts";

const SOURCES = fileURLToPath(new URL("../../tests/real", import.meta.url));

/** Go's compiler and its library, of Debian 13: 50 MB, which are not kept. */
const GO_PACKAGES = ["golang-1.24-go", "golang-1.24-src"];

/** What .NET puts into a program's single file. */
const RUNTIME: readonly PinnedPackage[] = [
  {
    ...{ name: "microsoft.netcore.app.host.win-x64", version: "10.0.12" },
    sha512: "M8J2D1k24eswYJ/DaJdHYbwzHrcg+gWTv5L58FDG2R1n9nOiJ4MWCrhMFtZzbowCwQBmztbAbM7tN49cuqeFiA==",
  },
  {
    ...{ name: "microsoft.netcore.app.runtime.win-x64", version: "10.0.12" },
    sha512: "Oa/LIiAy6r6+LH+lGjfEkcaw9FZ5ateIhDGXG47vT2icruVFQmA5jOD/r+SRxWWJGzXnOvxnWFo+TEvemVcQ7g==",
  },
];

/**
 * Fetches or makes a program, and gives its path.
 *
 * @throws {Error} when its package cannot be had, or is another one than is pinned.
 */
export async function fetchReal({ from, file }: RealProgram, log: Log = console.error): Promise<string> {
  const cache = userCache();
  const step = from === "dotnet" ? dotnetStep(cache) : from === "go" ? goStep(cache) : packageStep(cache, from);
  await makeMissing(cache, [step], log);
  const isNuget = typeof from === "object" && from.registry === "nuget";
  return isNuget ? join(step.folder, from.name, from.version, file) : join(step.folder, file);
}

function packageStep(cache: string, from: Exclude<RealProgram["from"], string>): Step {
  const { name, version } = from;
  return {
    ...{ title: `fetching ${name} ${version}`, seconds: 5, recipe: from.sha512 },
    folder: join(cache, `real-${name.replace(/^@/, "").replace("/", "-")}-${version}`),
    make: (folder) => from.registry === "npm" ? fetchFromNpm(from, folder) : fetchFromNuget(from, folder),
  };
}

function dotnetStep(cache: string): Step {
  const read = (name: string): [string, string] => [name, Deno.readTextFileSync(join(SOURCES, "dotnet", name))];
  const sources = new Map(["program.cs", "program.csproj"].map(read));
  return publishStep("publishing a .NET program", join(cache, "real-dotnet"), sources, "program.exe");
}

/** Publishes a C# project, whose files are given by their names, as a program of one file. Its runtime is pinned. */
export function publishStep(
  title: string,
  folder: string,
  sources: ReadonlyMap<string, string>,
  program: string,
): Step {
  const recipe = createHash("sha256");
  for (const text of sources.values()) recipe.update(text);
  const make = async (target: string): Promise<void> => {
    for (const [name, text] of sources) await Deno.writeTextFile(join(target, name), text);
    const packages = join(target, "packages");
    const args = ["publish", "-c", "Release", "-o", join(target, "out"), "-nodeReuse:false"];
    await run("dotnet", [...args, `-p:RestorePackagesPath=${packages}`], { cwd: target, env: DOTNET });
    for (const each of RUNTIME) await checkNuget(each, packages);
    await Deno.rename(join(target, "out", program), join(target, program));
    await Promise.all(["packages", "out", "obj", "bin"].map((each) => Deno.remove(join(target, each), RECURSIVE)));
  };
  return { title, seconds: 40, folder, recipe: recipe.digest("hex"), make };
}

function goStep(cache: string): Step {
  const source = join(SOURCES, "go/program.go");
  const make = async (folder: string): Promise<void> => {
    const [tools, built] = ["tools", "built"].map((name) => join(folder, name)) as [string, string];
    await Deno.mkdir(tools);
    await unpackPackages(tools, GO_PACKAGES);
    const root = join(tools, "usr/lib/go-1.24");
    const env = {
      ...{ GOROOT: root, GOCACHE: built, GOPATH: built, GOENV: "off", GOPROXY: "off", GOTOOLCHAIN: "local" },
      ...{ GOOS: "windows", GOARCH: "amd64", CGO_ENABLED: "0", GO111MODULE: "off", GOFLAGS: "" },
    };
    const args = ["build", "-trimpath", "-o", join(folder, "program.exe"), source];
    await run(join(root, "bin/go"), args, { cwd: folder, env });
    await Promise.all([tools, built].map((each) => Deno.remove(each, RECURSIVE)));
  };
  const title = "fetching Go and compiling a program of it";
  return { title, seconds: 60, folder: join(cache, "real-go"), recipe: hashOf(source), make };
}

function hashOf(source: string): string {
  return createHash("sha256").update(Deno.readFileSync(source)).digest("hex");
}

const RECURSIVE = { recursive: true };

if (import.meta.main) {
  for (const program of REAL_PROGRAMS) console.log(await fetchReal(program));
}
