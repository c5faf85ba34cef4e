/**
 * Builds the Windows programs that the live tests debug, and the native client that they are compared with.
 *
 *     deno run -A scripts/dev/debuggees.ts      prints the folder
 */
import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Log, makeMissing } from "../../lib/cli/host/cache.ts";
import { all } from "../../lib/cli/host/process.ts";
import { type Host, prepareHost } from "./host.ts";

/** One program or DLL to make. */
interface Product {
  /** File to make; the PDB beside it has the same stem. */
  readonly name: string;
  readonly folder: string;
  readonly sources: readonly string[];
  readonly flags: readonly string[];
}

const TESTS = fileURLToPath(new URL("../../tests/", import.meta.url));
const COMMON_FLAGS = [
  ...["--target=x86_64-w64-mingw32", "-std=gnu17", "-g", "-gcodeview"],
  ...["-Wall", "-Wextra", "-Werror", "-fuse-ld=lld"],
];
const LIBRARIES = ["plugin", "stuck"];
const OPTIMIZED = ["inlined"];
const X86 = ["wow"];
/** These have no PDB: only what they export has a name. */
const NAMELESS = ["exports", "nameless"];
/** Mostly without optimization (-O0): each variable lives on the stack and each line can be stepped. SEH needs Microsoft's keywords. */
const PROGRAM_FLAGS = ["-fms-extensions", "-lshell32", "-ldbghelp"];
/** For 32 bits there is no compiler's library here: a program without C's startup code needs none. */
const X86_FLAGS = [
  ...["--target=i686-w64-mingw32", "-O0", "-D__USE_MINGW_ANSI_STDIO=0"],
  ...["-nostdlib", "-Wl,-e,_main", "-lmsvcrt", "-lkernel32"],
];
const CXX_FLAGS = [
  ...["--target=x86_64-pc-windows-msvc", "-std=c++17", "-g", "-gcodeview", "-O0"],
  ...["-fexceptions", "-fcxx-exceptions", "-Wall", "-Wextra", "-Werror"],
];
const LINK_TARGET = ["--target=x86_64-w64-mingw32", "-fuse-ld=lld"];
/** Without the C runtime the DLL's load is a single event. */
const LIBRARY_FLAGS = ["-O0", "-shared", "-nostdlib", "-Wl,-e,DllMainCRTStartup", "-lkernel32"];
/** The header was written for another compiler. */
const CLIENT_FLAGS = ["-O2", "-Wno-unknown-pragmas", "-Wno-ignored-attributes", "-lshell32"];
const PARALLEL = 2;

/**
 * Builds what the sources and this recipe say, once: with everything there it only looks.
 *
 * @returns The folder with every .exe, .dll and .pdb, among them client.exe.
 * @throws {Error} with the compiler's words when a source does not compile.
 */
export async function buildDebuggees(host: Host, log: Log = console.error): Promise<string> {
  const products = [...await listDebuggees(host), await nativeClient(host)];
  const recipe = await hash(products, host.header);
  const folder = join(host.cache, `debuggees-${recipe}`);
  const make = (target: string): Promise<void> => buildAll(host, products, target);
  const title = "compiling the programs to debug";
  await makeMissing(host.cache, [{ title, seconds: 6, folder, recipe, make }], log);
  return folder;
}

async function listSources(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isFile && /\.(c|h|cpp)$/.test(entry.name)) names.push(entry.name);
  }
  return names.sort();
}

async function listDebuggees({ x86Flags }: Host): Promise<Product[]> {
  const folder = join(TESTS, "debuggees");
  return (await listSources(folder)).map((source) => {
    const stem = basename(source).replace(/\.\w+$/, "");
    const isLibrary = LIBRARIES.includes(stem);
    const level = [OPTIMIZED.includes(stem) ? "-O2" : "-O0", ...NAMELESS.includes(stem) ? ["-g0"] : []];
    const flags = isLibrary
      ? LIBRARY_FLAGS
      : X86.includes(stem)
      ? [...x86Flags, ...X86_FLAGS]
      : [...level, ...PROGRAM_FLAGS];
    return { name: stem + (isLibrary ? ".dll" : ".exe"), folder, sources: [source], flags };
  });
}

async function nativeClient(host: Host): Promise<Product> {
  const folder = join(TESTS, "native");
  const flags = [...CLIENT_FLAGS, "-isystem", host.header];
  return { name: "client.exe", folder, sources: await listSources(folder), flags };
}

/** A short name for all that decides what is built; where the header lies is not part of it, what it says is. */
async function hash(products: readonly Product[], header: string): Promise<string> {
  const sum = createHash("sha256");
  sum.update(
    JSON.stringify([
      COMMON_FLAGS,
      PROGRAM_FLAGS,
      LIBRARY_FLAGS,
      CLIENT_FLAGS,
      CXX_FLAGS,
      LINK_TARGET,
      [linkFlags("", "", ""), NAMELESS, X86, X86_FLAGS],
    ]),
  );
  sum.update(await Deno.readFile(join(header, "dbgeng.h")));
  for (const { folder, sources } of products) {
    for (const source of sources) sum.update(source).update(await Deno.readFile(join(folder, source)));
  }
  return sum.digest("hex").slice(0, 16);
}

async function buildAll(host: Host, products: readonly Product[], target: string): Promise<void> {
  const libgcc = await run(host, "x86_64-w64-mingw32-gcc", ["-print-libgcc-file-name"], TESTS);
  const queue = [...products];
  const buildNext = async (): Promise<void> => {
    for (let product = queue.shift(); product; product = queue.shift()) {
      await build(host, product, target, dirname(libgcc.trim()));
    }
  };
  await all(Array.from({ length: PARALLEL }, buildNext));
}

async function build(host: Host, product: Product, target: string, libraries: string): Promise<void> {
  const link = linkFlags(target, product.name, libraries);
  const cxx = product.sources.find((source) => source.endsWith(".cpp"));
  if (cxx) return await buildCxx(host, join(product.folder, cxx), target, link);
  const sources = product.sources.filter((source) => source.endsWith(".c"));
  await run(host, "clang", [...COMMON_FLAGS, ...sources, ...product.flags, ...link], product.folder);
}

/** C++ is compiled as Visual C++ does it: MinGW throws other exceptions. */
async function buildCxx(host: Host, source: string, target: string, link: readonly string[]): Promise<void> {
  const object = join(target, `${basename(source)}.obj`);
  await run(host, "clang", [...CXX_FLAGS, "-c", source, "-o", object], target);
  await run(host, "clang", [...LINK_TARGET, object, ...link], target);
  await Deno.remove(object);
}

/** The program names its PDB without a folder: the folder gets its final name only after the build. */
function linkFlags(target: string, name: string, libraries: string): string[] {
  const stem = name.replace(/\.\w+$/, "");
  const pdb = `${stem}.pdb`;
  const symbols = NAMELESS.includes(stem) ? [] : [`-Wl,--pdb=${join(target, pdb)},-Xlink=-pdbaltpath:${pdb}`];
  return [`-L${libraries}`, ...symbols, "-o", join(target, name)];
}

async function run(
  host: Host,
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<string> {
  const output = await host.tool(program, args, { cwd, stdout: "piped", stderr: "piped" }).output();
  const decoder = new TextDecoder();
  if (output.success) return decoder.decode(output.stdout);
  throw new Error(`Cannot build ${args.at(-1)}: ${program} says\n${decoder.decode(output.stderr)}`);
}

if (import.meta.main) console.log(await buildDebuggees(await prepareHost(["compiler"])));
