import { basename, join } from "node:path";
import { exists, type Step } from "./cache.ts";
import { unpackFiles } from "./debian.ts";
import { run } from "./process.ts";
import type { Wine } from "./wine.ts";

/** What console programs of 32 bits load, with all that this imports: of 800 files these. */
export const X86_FILES: readonly string[] = [
  ...["ntdll", "kernel32", "kernelbase", "win32u", "advapi32", "sechost", "rpcrt4", "user32", "gdi32", "imm32"],
  ...["msvcrt", "ucrtbase", "msvcr100", "msvcr110", "msvcr120", "vcruntime140", "concrt140"],
  ...["msvcp100", "msvcp110", "msvcp120", "msvcp140", "msvcp_win"],
  ...["combase", "coml2", "ole32", "oleaut32", "shcore", "shell32", "shlwapi", "comctl32", "setupapi", "cfgmgr32"],
  ...["bcrypt", "bcryptprimitives", "ncrypt", "crypt32", "rsaenh", "schannel", "secur32"],
  ...["ws2_32", "wsock32", "mswsock", "iphlpapi", "icmp", "nsi", "dnsapi", "netapi32", "netutils", "mpr"],
  ...["winhttp", "wininet", "jsproxy", "winmm", "msacm32", "powrprof", "pdh", "psapi", "userenv", "wtsapi32"],
  ...["apphelp", "cabinet", "dbghelp", "normaliz", "rstrtmgr", "sxs", "version"],
].map((name) => `${name}.dll`).concat("cmd.exe", "conhost.exe");

/** Below the unpacked packages: what Wine loads from, and the package whose file the machine's Wine does without. */
const FOLDER = "usr/lib/x86_64-linux-gnu/wine/i386-windows";
const ZLIB = "usr/i686-w64-mingw32/lib/zlib1.dll";

/** The part of Wine that runs 32-bit programs, from Debian, beside the Wine that is there already and of its version. */
export function x86Step(root: string, wine: Wine): Step {
  return {
    title: "fetching Wine's 32-bit part from Debian 13",
    seconds: 15,
    folder: join(root, FOLDER),
    recipe: `1 ${X86_FILES.join(" ")}`,
    inPlace: true, // the folder around it is in its place already
    async make(folder): Promise<void> {
      const version = debianVersion(await run(wine.loader, ["--version"]));
      const files = X86_FILES.map((name) => `usr/lib/i386-linux-gnu/wine/i386-windows/${name}`);
      try {
        await unpackFiles(folder, { name: `libwine=${version}`, architecture: "i386" }, files);
      } catch (error) {
        const advice = `where Debian has a newer Wine by now, remove ${root} and fetch both parts anew`;
        throw new Error(`Cannot fetch libwine ${version} for i386: ${advice}`, { cause: error });
      }
    },
  };
}

/** Puts that part into a prefix, where 32-bit programs look for it. */
export function x86PrefixStep(root: string, wine: Wine): Step {
  const files = [...X86_FILES.map((name) => join(root, FOLDER, name)), join(root, ZLIB)];
  return {
    title: "adding Wine's 32-bit part to its Windows folders",
    seconds: 1,
    folder: x86Folder(wine.prefix),
    recipe: `1 ${files.join(" ")}`,
    inPlace: true,
    async make(folder): Promise<void> {
      for (const path of files) await Deno.symlink(path, join(folder, basename(path)));
    },
  };
}

/** Where a prefix has what 32-bit programs load. */
export function x86Folder(prefix: string): string {
  return join(prefix, "drive_c/windows/syswow64");
}

/**
 * Looks whether a Wine that the user installed runs 32-bit programs.
 * @throws {Error} that says what to install where it does not.
 */
export async function requireOwnX86({ loader, prefix }: Wine): Promise<void> {
  if (await exists(join(x86Folder(prefix), "ntdll.dll"))) return;
  throw new Error(
    `Cannot run 32-bit programs: ${loader} came without that part when ${prefix} was made; install it (on Debian wine32:i386), ` +
      "remove that folder and run this again",
  );
}

/** The version of the package that a Wine is of: `wine-10.0 (Debian 10.0~repack-6)`. */
export function debianVersion(text: string): string {
  const version = /\(Debian ([^)\s]+)\)/.exec(text)?.[1];
  if (version === undefined) {
    throw new Error(`Cannot fetch Wine's 32-bit part: "${text.trim()}" is no Wine of Debian's`);
  }
  return version;
}
