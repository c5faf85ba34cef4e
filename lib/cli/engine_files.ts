import { dirname, join } from "node:path";
import { exists, isDone, type Log, removeTree } from "./host/cache.ts";
import { engineFolders, prepareWindows, refuseOtherSystems, userCache } from "./host/host.ts";
import { ENGINE_PACKAGE, ENGINE_VERSION, fetchEngine } from "./host/packages.ts";
import { findProgram } from "./host/process.ts";
import { engineStep } from "./host/steps.ts";
import { wrapperPath } from "./host/wrapper.ts";

/** A place where a session looks for what it debugs with, in the order of this list. */
export interface EnginePlace {
  /** What the place is: `LATCH_ENGINE`, `Windows Kits`, `NuGet`, `System32`; on Linux `LATCH_HOST`, `Wine host`. */
  readonly source: string;
  /** A folder of DLLs, or on Linux the program that runs Windows' Deno. */
  readonly path: string;
  /** Whether it is there, and complete as far as a look tells. */
  readonly isThere: boolean;
}

/** What `fetchEngineFiles` made. */
export interface FetchedEngine {
  /** Folder of the engine's DLLs. */
  readonly folder: string;
  /** On Linux: the program that runs Windows' Deno. */
  readonly deno?: string;
}

/** The engine's DLLs. */
const FAMILY = ["dbgcore.dll", "dbghelp.dll", "dbgmodel.dll", "dbgeng.dll"];

/** Where the engine would be looked for, and what is there. Loads nothing. */
export async function enginePlaces(env: (name: string) => string | undefined = readEnv): Promise<EnginePlace[]> {
  const places = Deno.build.os === "windows" ? windowsPlaces(env) : linuxPlaces(env);
  return await Promise.all(places.map(async (place) => ({ ...place, isThere: await isComplete(place) })));
}

type Place = Omit<EnginePlace, "isThere">;

function windowsPlaces(env: (name: string) => string | undefined): Place[] {
  const isArm = Deno.build.arch === "aarch64";
  const kits = join(env("ProgramFiles(x86)") ?? "C:\\Program Files (x86)", "Windows Kits", "10", "Debuggers");
  const named = env("LATCH_ENGINE");
  const profile = env("USERPROFILE");
  return [
    ...(named ? [{ source: "LATCH_ENGINE", path: named }] : []),
    { source: "Windows Kits", path: join(kits, isArm ? "arm64" : "x64") },
    ...(profile ? [{ source: "NuGet", path: packageFolder(userPackages(profile)) }] : []),
    { source: "System32", path: join(env("SystemRoot") ?? "C:\\Windows", "System32") },
  ];
}

/** The program that runs Windows' Deno: as `lib/remote/wine.ts` has a shell look for it. */
export function hostPath(): string {
  return readEnv("LATCH_HOST") || wrapperPath(userCache());
}

function linuxPlaces(env: (name: string) => string | undefined): Place[] {
  const named = env("LATCH_HOST");
  return [
    ...(named ? [{ source: "LATCH_HOST", path: named }] : []),
    { source: "Wine host", path: wrapperPath(userCache()) },
  ];
}

async function isComplete({ source, path }: Place): Promise<boolean> {
  if (Deno.build.os === "windows") {
    return (await Promise.all(FAMILY.map((name) => exists(join(path, name))))).every(Boolean);
  }
  return await exists(path) && (source === "LATCH_HOST" || isDone(engineStep(userCache())));
}

/**
 * Fetches the engine to where sessions find it: on Windows into the user's NuGet packages, on Linux with all else that runs it. What is there
 * already stays.
 *
 * @param log Takes the lines of progress.
 * @param x86 Whether 32-bit programs are to run as well.
 * @throws {Error} that says what to install or set when something cannot be had.
 */
export async function fetchEngineFiles(log: Log = console.error, x86 = false): Promise<FetchedEngine> {
  refuseOtherSystems();
  if (Deno.build.os === "windows") {
    const profile = readEnv("USERPROFILE");
    if (!profile) throw new Error("Cannot fetch the debugger engine: set USERPROFILE to the user's folder");
    return { folder: await fetchPackage(userPackages(profile), log) };
  }
  const { deno, cache } = await prepareWindows(log, { x86 });
  return { folder: engineFolders(cache).engine, deno };
}

/** Puts the engine's package into a folder of NuGet packages, checked before it is in its place. */
export async function fetchPackage(packages: string, log: Log, fetch: typeof fetchEngine = fetchNow): Promise<string> {
  const target = join(packages, ENGINE_PACKAGE, ENGINE_VERSION);
  if (await exists(target)) return packageFolder(packages);
  log(`fetching the debugger engine ${ENGINE_VERSION} (once, about 4 s)`);
  const work = join(packages, `.latch-${Deno.pid}.part`);
  await Deno.mkdir(work, { recursive: true });
  try {
    await fetch(work);
    await Deno.mkdir(dirname(target), { recursive: true });
    await Deno.rename(join(work, ENGINE_PACKAGE, ENGINE_VERSION), target);
  } finally {
    await removeTree(work);
  }
  log(`  it is in ${target}`);
  return packageFolder(packages);
}

async function fetchNow(folder: string): Promise<void> {
  if (!findProgram(Deno.build.os === "windows" ? "dotnet.exe" : "dotnet")) {
    throw new Error(
      "Cannot fetch the debugger engine: `dotnet` is not there; install the .NET SDK, or the Debugging Tools for Windows",
    );
  }
  await fetchEngine(folder);
}

function userPackages(profile: string): string {
  return join(profile, ".nuget", "packages");
}

function packageFolder(packages: string): string {
  const architecture = Deno.build.os === "windows" && Deno.build.arch === "aarch64" ? "arm64" : "amd64";
  return join(packages, ENGINE_PACKAGE, ENGINE_VERSION, "content", architecture);
}

function readEnv(name: string): string | undefined {
  return Deno.env.get(name);
}
