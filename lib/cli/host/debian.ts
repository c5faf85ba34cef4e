import { join } from "node:path";
import { exists } from "./cache.ts";
import { findMirror, type Mirror, sourceStanza } from "./mirror.ts";
import { all, findProgram, run } from "./process.ts";

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** Folders that nothing here reads: 32-bit Wine, manuals, translations. */
const UNUSED = [
  "./usr/lib/x86_64-linux-gnu/wine/i386-windows",
  "./usr/share/doc",
  "./usr/share/man",
  "./usr/share/locale",
];

/** Unpacks packages of Debian 13 (amd64) below `folder`; needs apt's tools, but neither root nor an installation. */
export async function unpackPackages(folder: string, packages: readonly string[]): Promise<void> {
  const options = ["-C", folder, ...UNUSED.map((path) => `--exclude=${path}`)];
  await download(folder, packages, "amd64", (debs) => unpackAll(debs, options));
}

/** A package that files are taken from, with its version if that matters: `libwine=10.0~repack-6`. */
export interface Source {
  readonly name: string;
  readonly architecture: "i386";
}

/** Puts single files of a package, all in one folder of it, into `folder`. */
export async function unpackFiles(folder: string, source: Source, files: readonly string[]): Promise<void> {
  const depth = (files[0] ?? "").split("/").length;
  const options = ["-C", folder, `--strip-components=${depth}`, ...files.map((path) => `./${path}`)];
  await download(folder, [source.name], source.architecture, (debs) => unpackAll(debs, options));
}

/** Downloads packages, checked against the archive's signed list, for as long as they are used. */
async function download(
  folder: string,
  packages: readonly string[],
  architecture: "amd64" | "i386",
  use: (debs: string) => Promise<void>,
): Promise<void> {
  if (!findProgram("apt-get") || !findProgram("dpkg-deb")) {
    throw new Error(
      "Cannot fetch Wine: this machine has no apt. Install wine 10 or newer yourself, so that `wine --version` works",
    );
  }
  const work = join(folder, ".apt");
  const config = await writeAptFolders(work, await chooseMirror(), architecture);
  const env = { APT_CONFIG: config, LC_ALL: "C" };
  const debs = join(work, "debs");
  await run("apt-get", ["update", "-qq", "--error-on=any"], { env });
  await run("apt-get", ["download", "-qq", ...packages], { env, cwd: debs });
  await use(debs);
  await Deno.remove(work, { recursive: true });
}

/** The archive to use: what the user says, what apt uses, what debootstrap would use. */
async function chooseMirror(): Promise<Mirror> {
  const own = Deno.env.get("LATCH_DEBIAN_MIRROR");
  const fallbackKey = await exists(KEYRING) ? { signedBy: KEYRING } : {};
  if (own) return { uri: own, ...fallbackKey };
  const found = findMirror(await readSources());
  if (found) return found;
  const debootstrap = "/usr/share/debootstrap/default_mirror";
  if (await exists(debootstrap)) {
    return { uri: (await Deno.readTextFile(debootstrap)).trim(), ...fallbackKey };
  }
  throw new Error(
    "Cannot fetch Wine: apt's sources name no Debian archive. Set LATCH_DEBIAN_MIRROR to one, or install wine 10 or newer",
  );
}

async function readSources(): Promise<Map<string, string>> {
  const paths = ["/etc/apt/sources.list"];
  const parts = "/etc/apt/sources.list.d";
  if (await exists(parts)) {
    for await (const entry of Deno.readDir(parts)) {
      if (/\.(list|sources)$/.test(entry.name)) paths.push(join(parts, entry.name));
    }
  }
  const files = new Map<string, string>();
  for (const path of paths.sort()) {
    if (await exists(path)) files.set(path, await Deno.readTextFile(path));
  }
  return files;
}

/** Gives apt folders and settings of its own, so that it neither needs nor touches the machine's. */
async function writeAptFolders(work: string, mirror: Mirror, architecture: string): Promise<string> {
  for (const name of ["state/lists/partial", "cache/archives/partial", "sources", "debs"]) {
    await Deno.mkdir(join(work, name), { recursive: true });
  }
  await Deno.writeTextFile(join(work, "status"), "");
  await Deno.writeTextFile(join(work, "sources", "trixie.sources"), sourceStanza(mirror));
  const settings: [string, string][] = [
    ["Dir::State", join(work, "state")],
    ["Dir::State::status", join(work, "status")],
    ["Dir::Cache", join(work, "cache")],
    ["Dir::Etc::sourcelist", "/dev/null"],
    ["Dir::Etc::sourceparts", join(work, "sources")],
    ["Dir::Etc::preferences", "/dev/null"],
    ["Dir::Etc::preferencesparts", "/dev/null"],
    ["Dir::Etc::main", "/dev/null"],
    ["Dir::Etc::parts", "/dev/null"],
    ["APT::Architecture", architecture],
    ["APT::Architectures", architecture],
    ["APT::Sandbox::User", "root"],
    ["Acquire::Languages", "none"],
  ];
  const lines = settings.map(([name, value]) => `${name} "${value}";`);
  const path = join(work, "apt.conf");
  await Deno.writeTextFile(path, [...await machineTransport(), ...lines, ""].join("\n"));
  return path;
}

/** The machine's proxies, certificates and the like; its hooks and index lists stay out. */
async function machineTransport(): Promise<string[]> {
  const dump = await run("apt-config", ["dump", "Acquire"]);
  return dump.split("\n").filter((line) =>
    line.startsWith("Acquire::") && !/^Acquire::(IndexTargets|Languages)/.test(line)
  );
}

async function unpackAll(debs: string, options: readonly string[]): Promise<void> {
  const queue: string[] = [];
  for await (const entry of Deno.readDir(debs)) queue.push(join(debs, entry.name));
  const unpackNext = async (): Promise<void> => {
    for (let deb = queue.pop(); deb !== undefined; deb = queue.pop()) await unpack(deb, options);
  };
  await all(Array.from({ length: navigator.hardwareConcurrency }, unpackNext));
}

async function unpack(deb: string, options: readonly string[]): Promise<void> {
  const tar = new Deno.Command("tar", {
    args: ["-x", "--no-same-owner", ...options],
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const packed = new Deno.Command("dpkg-deb", {
    args: ["--fsys-tarfile", deb],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const moved = packed.stdout.pipeTo(tar.stdin).catch((error: unknown) => error);
  const [from, to] = await Promise.all([packed.status, tar.output(), moved]);
  if (from.success && to.success) return;
  throw new Error(`Cannot unpack ${deb}: ${new TextDecoder().decode(to.stderr).trim()}`);
}
