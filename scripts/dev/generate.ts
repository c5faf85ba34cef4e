/**
 * Writes lib/dbgeng/generated from the header of the pinned engine package.
 *
 *     deno task generate           writes the files
 *     deno task generate --check   changes nothing; fails where they differ
 *
 * @module
 */

import { readTables } from "./generate/read_tables.ts";
import { emitConstants, emitStructs } from "./generate/emit.ts";
import { emitInterfaces } from "./generate/emit_interfaces.ts";

const OUTPUT = new URL("../../lib/dbgeng/generated/", import.meta.url);

if (import.meta.main) {
  const h = Deno.args[Deno.args.indexOf("--header") + 1] ?? "";
  const tables = readTables(await Deno.readTextFile(`${h}/dbgeng.h`));
  const files = emitInterfaces(tables.interfaces);
  files.set("constants.ts", emitConstants(tables.constants));
  files.set("structs.ts", emitStructs(tables.structs));
  for (const [name, text] of files) {
    await Deno.writeTextFile(new URL(name, OUTPUT), text);
  }
  const methods = tables.interfaces.reduce((sum, each) => sum + each.slots, 0);
  console.log(tables.interfaces.length, methods, tables.constants.length, tables.functions, tables.structs.length);
}
