import { createHash } from "node:crypto";
import { join } from "node:path";
import { run } from "./process.ts";

/** A package of a registry, and the SHA-512 of its archive in base64. */
export interface PinnedPackage {
  readonly name: string;
  readonly version: string;
  readonly sha512: string;
}

/**
 * Unpacks a package of npm into `folder`: all of it, or one file.
 *
 * @throws {Error} when it cannot be had, or its archive is another one.
 */
export async function fetchFromNpm({ name, version, sha512 }: PinnedPackage, folder: string, file = ""): Promise<void> {
  await run("npm", ["pack", "--silent", `${name}@${version}`], { cwd: folder });
  const archive = join(folder, `${name.replace(/^@/, "").replace("/", "-")}-${version}.tgz`);
  await checkHash(archive, sha512);
  const what = file === "" ? [] : [`package/${file}`];
  await run("tar", ["-xzf", archive, "-C", folder, "--strip-components=1", ...what]);
  await Deno.remove(archive);
}

/**
 * Fetches a package of NuGet into `folder`, laid out like NuGet's own cache.
 *
 * @throws {Error} when it cannot be had, or its archive is another one.
 */
export async function fetchFromNuget(wanted: PinnedPackage, folder: string): Promise<void> {
  const project = join(folder, "wanted.csproj");
  await Deno.writeTextFile(project, projectFile(wanted));
  await run("dotnet", ["restore", project, "--packages", folder, "-nodeReuse:false"], { cwd: folder, env: DOTNET });
  await checkNuget(wanted, folder);
  await Deno.remove(join(folder, "obj"), { recursive: true });
  await Deno.remove(project);
}

/** What keeps `dotnet` from greeting and reporting. */
export const DOTNET: Readonly<Record<string, string>> = { DOTNET_NOLOGO: "1", DOTNET_CLI_TELEMETRY_OPTOUT: "1" };

/** Compares the archive of a package in a folder like NuGet's cache. */
export async function checkNuget({ name, version, sha512 }: PinnedPackage, folder: string): Promise<void> {
  await checkHash(join(folder, name, version, `${name}.${version}.nupkg`), sha512);
}

/** netstandard without its implicit package: nothing but the one package is fetched. */
function projectFile({ name, version }: PinnedPackage): string {
  return `<Project>
  <PropertyGroup>
    <ImportDirectoryBuildProps>false</ImportDirectoryBuildProps>
    <ImportDirectoryPackagesProps>false</ImportDirectoryPackagesProps>
    <ImportDirectoryBuildTargets>false</ImportDirectoryBuildTargets>
  </PropertyGroup>
  <Import Project="Sdk.props" Sdk="Microsoft.NET.Sdk" />
  <PropertyGroup>
    <TargetFramework>netstandard2.0</TargetFramework>
    <DisableImplicitFrameworkReferences>true</DisableImplicitFrameworkReferences>
  </PropertyGroup>
  <ItemGroup>
    <PackageDownload Include="${name}" Version="[${version}]" />
  </ItemGroup>
  <Import Project="Sdk.targets" Sdk="Microsoft.NET.Sdk" />
</Project>
`;
}

async function checkHash(path: string, expected: string): Promise<void> {
  const found = createHash("sha512").update(await Deno.readFile(path)).digest("base64");
  if (found === expected) return;
  throw new Error(`Cannot trust ${path}: its SHA-512 is ${found}, expected ${expected}`);
}
