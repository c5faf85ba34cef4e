import { dirname, join } from "node:path";
import { findProgram } from "./process.ts";

/**
 * Programs of another Debian release need that release's C library, and its loader's path is fixed inside each of them.
 * So every program becomes a script that starts it through the unpacked loader. That needs no chroot, no mount and no
 * namespace, hence no rights, and works inside containers; programs that start one another go through the scripts too.
 *
 * @param root Where the packages are unpacked now.
 * @param home Where `root` will be when it is used.
 */
export async function relocatePrograms(
  root: string,
  home: string,
  folders: readonly string[],
): Promise<void> {
  for (const folder of folders) {
    const path = join(root, folder);
    let count = 0;
    for await (const entry of Deno.readDir(path)) {
      if (!entry.isFile || !await isDynamicProgram(join(path, entry.name))) continue;
      await relocate(path, entry.name, home, folder);
      count++;
    }
    // A copy beside them, because programs take the loader's folder (/proc/self/exe) for their own.
    if (count > 0) {
      await Deno.copyFile(
        join(root, "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"),
        join(path, "ld.so"),
      );
    }
  }
}

async function relocate(
  path: string,
  name: string,
  home: string,
  folder: string,
): Promise<void> {
  await Deno.rename(join(path, name), join(path, `${name}.elf`));
  const words = [
    join(home, folder, "ld.so"),
    "--inhibit-cache",
    "--library-path",
    join(home, "usr/lib/x86_64-linux-gnu"),
  ].map(quote);
  const program = quote(join(home, folder, `${name}.elf`));
  // The name of the call stays: clang and lld choose their manners by it.
  const call = `${words.join(" ")} --argv0 ${quote(join(home, folder))}/"\${0##*/}" ${program} "$@"`;
  const script = `#!/bin/sh\n${PRELUDES[name] ?? ""}exec ${call}\n`;
  await Deno.writeTextFile(join(path, name), script, { mode: 0o755 });
}

/** What some programs need done before they start. */
const PRELUDES: Readonly<Record<string, string>> = {
  // clang starts itself by its own file, which would be the loader; so it goes by the name of the call.
  clang: 'case "$1" in -cc1*) ;; *) set -- -no-canonical-prefixes "$@" ;; esac\n',
};

/** A word for a POSIX shell. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Whether a file is an x86-64 program that asks for the system's loader. */
async function isDynamicProgram(path: string): Promise<boolean> {
  using file = await Deno.open(path);
  const head = new Uint8Array(4096);
  const length = await file.read(head) ?? 0;
  if (length < 64 || head[0] !== 0x7f || head[1] !== 0x45 || head[2] !== 0x4c) return false;
  return new TextDecoder("latin1").decode(head).includes("/ld-linux-x86-64.so.2");
}

/**
 * What the packages' own installation scripts would do for Wine: zlib's DLL is marked as one of Wine's own, since
 * Wine takes nothing else from its folder. The server looks for its tables one folder deeper, and the script that chooses
 * between a 32-bit and a 64-bit server looks for both in the machine's folders.
 */
export async function finishWine(root: string): Promise<void> {
  const dll = await Deno.readFile(join(root, "usr/x86_64-w64-mingw32/lib/zlib1.dll"));
  const mark = new Uint8Array(32);
  new TextEncoder().encodeInto("Wine builtin DLL", mark);
  dll.set(mark, 64);
  await Deno.writeFile(
    join(root, "usr/lib/x86_64-linux-gnu/wine/x86_64-windows/zlib1.dll"),
    dll,
  );
  await Deno.symlink(".", join(root, "usr/share/wine/wine"));
  const server = join(root, "usr/lib/wine/wineserver");
  await Deno.remove(server);
  await Deno.symlink("wineserver64", server);
}

/** Names that Debian's alternatives system would give. */
export async function nameAlternatives(root: string, names: Record<string, string>): Promise<void> {
  for (const [name, target] of Object.entries(names)) {
    await Deno.symlink(target, join(root, "usr/bin", name));
  }
}

/** The loader of the machine's own Wine when it is new enough to run Deno. */
export async function ownWine(): Promise<string | undefined> {
  const path = findProgram("wine");
  if (!path) return undefined;
  const output = await new Deno.Command(path, { args: ["--version"], stderr: "null" }).output()
    .catch(() => undefined);
  const text = new TextDecoder().decode(output?.stdout);
  return isNewEnough(text) ? path : undefined;
}

/** Whether `wine --version` printed 10 or newer; older ones lack what Deno needs (bcryptprimitives.dll). */
export function isNewEnough(version: string): boolean {
  return Number(/^wine-(\d+)/m.exec(version)?.[1] ?? 0) >= 10;
}

/** The folder of a loader, where its server lies. */
export function serverBeside(loader: string): string {
  return join(dirname(loader), "wineserver");
}
