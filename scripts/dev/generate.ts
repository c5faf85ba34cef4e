/**
 * Writes lib/dbgeng/generated and lib/com/generated from the header of the pinned engine package.
 *
 *     deno task generate           writes the files
 *     deno task generate --check   changes nothing; fails where they differ
 *
 * @module
 */

import { emitConstants, emitStatusNames, emitStructs } from "./generate/emit.ts";
import { emitInterfaces } from "./generate/emit_interfaces.ts";
import { readStatusNames } from "./generate/status_names.ts";
import { readTables, type Tables } from "./generate/read_tables.ts";
import { prepareToolchain, type Toolchain } from "./generate/toolchain.ts";

const OUTPUT = new URL("../../lib/dbgeng/generated/", import.meta.url);
const STATUS_LIST = new URL("generate/status_names.txt", import.meta.url);

/** Bundled from lib/dbgeng/thread by another tool. */
const FOREIGN_FILES = new Set(["worker_source.ts"]);

if (import.meta.main) {
  const toolchain = await prepareToolchain();
  const tables = readTables(toolchain.header);
  const files = await emitFiles(tables, toolchain);
  const differing = await compare(files);
  if (Deno.args.includes("--check")) {
    for (const name of differing) console.error(`differs: ${name}`);
    console.log(`${files.size - differing.length} of ${files.size} files agree`);
    Deno.exitCode = differing.length === 0 ? 0 : 1;
  } else {
    await write(files, differing);
    console.log(summary(tables));
  }
}

async function emitFiles(
  tables: Tables,
  toolchain: Toolchain,
): Promise<Map<string, string>> {
  const list = await Deno.readTextFile(STATUS_LIST);
  const names = await readStatusNames(list, toolchain.compile);
  return emitInterfaces(tables.interfaces)
    .set("constants.ts", emitConstants(tables.constants))
    .set("structs.ts", emitStructs(tables.structs))
    .set("../../com/generated/status_names.ts", emitStatusNames(names));
}

/** The names of the files whose text is not the generated one, or that are left over. */
async function compare(files: ReadonlyMap<string, string>): Promise<string[]> {
  const differing: string[] = [];
  for await (const { name } of Deno.readDir(OUTPUT)) {
    if (!files.has(name) && !FOREIGN_FILES.has(name)) differing.push(name);
  }
  for (const [name, text] of files) {
    if (await currentText(name) !== text) differing.push(name);
  }
  return differing.sort();
}

async function currentText(name: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(new URL(name, OUTPUT));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

async function write(
  files: ReadonlyMap<string, string>,
  differing: readonly string[],
): Promise<void> {
  for (const name of differing) {
    const url = new URL(name, OUTPUT);
    const text = files.get(name);
    if (text === undefined) await Deno.remove(url);
    else await Deno.writeTextFile(url, text);
    console.log(`${text === undefined ? "removed" : "wrote"}: ${name}`);
  }
}

function summary(tables: Tables): string {
  const slots = tables.interfaces.reduce((sum, each) => sum + each.slots, 0);
  const { functions } = tables;
  return [
    `${tables.interfaces.length} interfaces with ${slots} vtable slots,`,
    `${tables.structs.length} structs, ${tables.constants.length} constants;`,
    `${functions.length} macros with arguments left out: ${functions.join(", ")}`,
  ].join(" ");
}
