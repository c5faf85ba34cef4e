/**
 * Images of a dump's modules as the engine can take them under Wine. It moves an image to where it lay by making a view of the file, which it mapped
 * to be read, one that is copied when it is written to. Wine refuses that, and Wine moves nearly all of its own DLLs.
 * @module
 */
import { win32 } from "node:path";
import { moduleId } from "../files/code_view.ts";
import { readDumpFile } from "../files/dump_file.ts";
import type { DumpModule } from "../files/minidump.ts";

/** No program is larger, in bytes. */
const LARGEST = 1 << 30;

/** Copies the images that were moved into a folder, as if they wanted to be where they lay. What is not there is left out. */
export function copyMovedImages(dump: string, folder: string): void {
  for (const module of readDumpFile(dump).program?.modules ?? []) {
    if (!/^[A-Za-z]:\\/.test(module.path)) continue; // a dump can name any place of the network
    const image = movedImage(module);
    if (image) Deno.writeFileSync(win32.join(folder, win32.basename(module.path)), image);
  }
}

const NEW_HEADER = 0x3c;
const SIGNATURE = 0x4550; // "PE\0\0"
const PE32_PLUS = 0x20b;

/** The file of a module, moved in its header; undefined where it needs not be, or is another file by now. */
function movedImage({ path, base, id }: DumpModule): Uint8Array<ArrayBuffer> | undefined {
  try {
    if (Deno.statSync(path).size > LARGEST) return undefined;
    const bytes = Deno.readFileSync(path);
    const view = new DataView(bytes.buffer);
    const header = view.getUint32(NEW_HEADER, true);
    const optional = header + 24;
    if (view.getUint32(header, true) !== SIGNATURE) return undefined;
    if (moduleId(view.getUint32(header + 8, true), view.getUint32(optional + 56, true)) !== id) return undefined;
    const isWide = view.getUint16(optional, true) === PE32_PLUS;
    const wanted = isWide ? view.getBigUint64(optional + 24, true) : BigInt(view.getUint32(optional + 28, true));
    if (wanted === base) return undefined;
    if (isWide) view.setBigUint64(optional + 24, base, true);
    else view.setUint32(optional + 28, Number(base), true);
    return bytes;
  } catch {
    return undefined; // it is not there, not to be read, or no image
  }
}
