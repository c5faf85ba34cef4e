import { createHash } from "node:crypto";
import { join } from "node:path";
import { alignToPages } from "./align.ts";
import { run } from "./process.ts";

/** Windows' Deno. The newest that npm has for this system. */
export const DENO_VERSION = "2.9.5";
const DENO_SHA512 = "LkcERsH0olOgevg9L9eootSr1U8ydyfnX1bS3mFqU+lGBeTYtlec5b/QF473WUOGVgPlWECrkxi4As5kEaFOzg==";

/** The package with the debugger engine and its header. */
export const ENGINE_PACKAGE = "microsoft.debugging.platform.dbgeng";
export const ENGINE_VERSION = "20260109.1235.0";
const ENGINE_SHA512 = "3IBgRyA+N34m6kM3luaLxbzzZPG4FMJRqYcBoiJ9DV8M8knqz5S5Xr86jTZdKtJHbIN9LduQ9YPAqDE4NPd9hQ==";

/** Fetches deno.exe from npm into `folder`, and lays it out for Wine. */
export async function fetchWindowsDeno(folder: string): Promise<void> {
  const name = `@deno/win32-x64@${DENO_VERSION}`;
  await run("npm", ["pack", "--silent", name], { cwd: folder });
  const archive = join(folder, `deno-win32-x64-${DENO_VERSION}.tgz`);
  await checkHash(archive, DENO_SHA512);
  await run("tar", ["-xzf", archive, "-C", folder, "--strip-components=1", "package/deno.exe"]);
  await Deno.remove(archive);
  const program = join(folder, "deno.exe");
  await Deno.writeFile(program, alignToPages(await Deno.readFile(program)));
}

/** Fetches the engine's package from NuGet into `folder`, laid out like NuGet's own cache. */
export async function fetchEngine(folder: string): Promise<void> {
  const project = join(folder, "engine.csproj");
  await Deno.writeTextFile(project, projectFile());
  await run("dotnet", ["restore", project, "--packages", folder, "-nodeReuse:false"], {
    cwd: folder,
    env: { DOTNET_NOLOGO: "1", DOTNET_CLI_TELEMETRY_OPTOUT: "1" },
  });
  const archive = `${ENGINE_PACKAGE}.${ENGINE_VERSION}.nupkg`;
  await checkHash(join(folder, ENGINE_PACKAGE, ENGINE_VERSION, archive), ENGINE_SHA512);
  await Deno.remove(join(folder, "obj"), { recursive: true });
}

/** netstandard without its implicit package: nothing but the one package is fetched. */
function projectFile(): string {
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
    <PackageDownload Include="${ENGINE_PACKAGE}" Version="[${ENGINE_VERSION}]" />
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
