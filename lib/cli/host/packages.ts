import { join } from "node:path";
import { alignToPages } from "./align.ts";
import { fetchFromNpm, fetchFromNuget } from "./registries.ts";

/** Windows' Deno. The newest that npm has for this system. */
export const DENO_VERSION = "2.9.5";
const DENO_SHA512 = "LkcERsH0olOgevg9L9eootSr1U8ydyfnX1bS3mFqU+lGBeTYtlec5b/QF473WUOGVgPlWECrkxi4As5kEaFOzg==";

/** The package with the debugger engine and its header. */
export const ENGINE_PACKAGE = "microsoft.debugging.platform.dbgeng";
export const ENGINE_VERSION = "20260109.1235.0";
const ENGINE_SHA512 = "3IBgRyA+N34m6kM3luaLxbzzZPG4FMJRqYcBoiJ9DV8M8knqz5S5Xr86jTZdKtJHbIN9LduQ9YPAqDE4NPd9hQ==";

/** Fetches deno.exe from npm into `folder`, and lays it out for Wine. */
export async function fetchWindowsDeno(folder: string): Promise<void> {
  const name = "@deno/win32-x64";
  await fetchFromNpm({ name, version: DENO_VERSION, sha512: DENO_SHA512 }, folder, "deno.exe");
  const program = join(folder, "deno.exe");
  await Deno.writeFile(program, alignToPages(await Deno.readFile(program)));
}

/** Fetches the engine's package from NuGet into `folder`, laid out like NuGet's own cache. */
export async function fetchEngine(folder: string): Promise<void> {
  await fetchFromNuget({ name: ENGINE_PACKAGE, version: ENGINE_VERSION, sha512: ENGINE_SHA512 }, folder);
}
