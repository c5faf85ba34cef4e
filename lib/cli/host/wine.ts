import { join, resolve } from "node:path";
import { ENGINE_PACKAGE } from "./packages.ts";
import { run } from "./process.ts";

/** A Wine that is ready to start programs. */
export interface Wine {
  readonly loader: string;
  readonly server: string;
  readonly prefix: string;
  readonly cache: string;
  /** Deno's cache, one a prefix: nothing is shared that two Wine servers would have to lock. */
  readonly denoDir: string;
}

/** The program that hosts the engine. */
export const WINDOWS_DENO = "deno.exe";

/** The engine's DLLs, which Wine would replace by its own stubs in that program. All others keep Wine's: many need its dbghelp. */
const NATIVE = ["dbgcore", "dbgeng", "dbghelp", "dbgmodel"];

/**
 * Offers to fetch Mono and Gecko, entries in the desktop's menus, and the debugger that Wine starts on a crash, which would keep the
 * crashed program waiting.
 */
const UNWANTED = ["mscoree", "mshtml", "winemenubuilder.exe", "winedbg.exe"];

/** Environment for Wine itself: of the user's nothing takes part but where programs are found, and what Wine is to log. */
export function wineEnvironment(wine: Wine): Record<string, string> {
  return {
    PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin",
    WINEDEBUG: Deno.env.get("WINEDEBUG") || "-all",
    ...ownVariables(wine),
  };
}

/** What Latch says to Wine and to Windows' Deno. */
export function ownVariables(wine: Wine): Record<string, string> {
  return {
    WINEPREFIX: wine.prefix,
    WINEARCH: "win64",
    // Wine names the Windows user after USER and links its folders into HOME.
    USER: "latch",
    HOME: join(wine.cache, "home"),
    // The engine's `.shell` starts it: the user's own is a program of Linux, whose end the engine does not see.
    SHELL: "cmd.exe",
    DENO_DIR: windowsPathOf(wine.denoDir),
    DENO_NO_UPDATE_CHECK: "1",
    LANG: "C.UTF-8",
    LC_ALL: "C.UTF-8",
  };
}

/**
 * The user's variables that Windows programs do not get, as an extended regular expression: they speak to Linux' C library and its loader,
 * to the display and to a Wine of the user's own; with TMPDIR Debian's Wine 10 aborts.
 */
export const KEPT_BACK =
  "TMPDIR|DISPLAY|WAYLAND_DISPLAY|(LD_|GLIBC_|MALLOC_|WINE)[A-Za-z0-9_]*|GCONV_PATH|LOCPATH|NLSPATH";

/** Those of Wine's variables that are the user's to choose, for what is launched too. */
export const LET_THROUGH = "WINEDEBUG|WINEDLLOVERRIDES";

/** Environment for a Windows program: the user's own variables, as a program of this machine would get them, and Wine's. */
export function programEnvironment(wine: Wine): Record<string, string> {
  const [keptBack, letThrough] = [KEPT_BACK, LET_THROUGH].map((names) => new RegExp(`^(${names})$`));
  const own = Object.entries(Deno.env.toObject())
    .filter(([name]) => letThrough?.test(name) || !keptBack?.test(name));
  return { ...Object.fromEntries(own), ...wineEnvironment(wine) };
}

/** `/a/b` → `Z:\a\b`; a path that is a Windows one already stays. */
export function windowsPathOf(path: string): string {
  if (/^[A-Za-z]:[\\/]|^\\\\/.test(path)) return path;
  return `Z:${resolve(path).replaceAll("/", "\\")}`;
}

/** Ends all Windows programs of a prefix and writes its registry out. */
export async function stopWine(wine: Wine): Promise<void> {
  const options = { env: wineEnvironment(wine), clearEnv: true };
  // "No server is running" is a failure to it, and fine here.
  await run(wine.server, ["-k"], options).catch(() => undefined);
  await run(wine.server, ["-w"], options);
}

/** How long Wine's server waits for the next program. */
export const IDLE_SECONDS = 20;

/**
 * Starts Wine's server and services unless they run. Otherwise the first Windows program would, and they would inherit its
 * stderr: whoever reads that to its end would wait for them too, 4 s and more.
 */
export async function wakeWine(wine: Wine): Promise<void> {
  const options: Deno.CommandOptions = {
    ...{ stdin: "null", stdout: "null", stderr: "null" } as const,
    ...{ env: wineEnvironment(wine), clearEnv: true },
  };
  const server = new Deno.Command(wine.server, { ...options, args: [`-p${IDLE_SECONDS}`] });
  const { success: isNew } = await server.spawn().status;
  if (!isNew) return;
  await new Deno.Command(wine.loader, { ...options, args: ["cmd.exe", "/c", "exit"] }).spawn().status;
}

/** Makes the Windows folders and registry, and puts the engine where the NuGet cache of a Windows user has it. */
export async function makePrefix(wine: Wine, engine: string): Promise<void> {
  await Deno.mkdir(join(wine.cache, "home"), { recursive: true });
  const clearEnv = true;
  const env = { ...wineEnvironment(wine), WINEDLLOVERRIDES: `${UNWANTED.join(",")}=d` };
  await run(wine.loader, ["wineboot", "-i"], { env, clearEnv });
  const registry = join(wine.prefix, "latch.reg");
  await Deno.writeTextFile(registry, registryFile());
  await run(wine.loader, ["reg", "import", windowsPathOf(registry)], { env, clearEnv });
  await stopWine(wine);
  const packages = join(wine.prefix, "drive_c/users/latch/.nuget/packages");
  await Deno.mkdir(packages, { recursive: true });
  await Deno.symlink(join(engine, ENGINE_PACKAGE), join(packages, ENGINE_PACKAGE));
}

/**
 * Which DLLs are Wine's and which are not: in the registry, since a variable would reach what the program launches. And a display
 * driver that is not there: with "null", which is there, a desktop process starts up and holds every caller's output open for 4 s.
 */
function registryFile(): string {
  const key = "HKEY_CURRENT_USER\\Software\\Wine";
  return [
    "REGEDIT4",
    "",
    `[${key}\\DllOverrides]`,
    ...UNWANTED.map((name) => `"${name}"=""`),
    "",
    `[${key}\\AppDefaults\\${WINDOWS_DENO}\\DllOverrides]`,
    ...NATIVE.map((name) => `"${name}"="native,builtin"`),
    "",
    `[${key}\\Drivers]`,
    '"Graphics"="none"',
    "",
  ].join("\r\n");
}
