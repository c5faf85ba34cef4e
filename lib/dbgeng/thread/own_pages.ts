/** Which memory of a stopped program nothing changes but who debugs it, until it runs again. */
import { HresultError } from "../../com/hresult.ts";
import { StructView } from "../../com/struct_view.ts";
import { PeHeaders, type Source } from "../../files/pe.ts";
import type { MemoryWithPage } from "../engine_api.ts";
import { MEMORY_BASIC_INFORMATION64 } from "../generated/structs.ts";
import { read } from "./inspect.ts";
import type { EngineObjects } from "./objects.ts";

const PAGE = 4096;
/** KUSER_SHARED_DATA, in all processes: Windows writes its clocks there. */
const SHARED_DATA = 0x7ffe_0000n;
const MEM_PRIVATE = 0x0002_0000;
const MEM_IMAGE = 0x0100_0000;

/** Whose the memory is: only the engine has it run and stop; so do others; or it is a dump's, which nothing changes. */
export type Whose = "engine" | "others" | "dump";

/** Memory of one page, with that page if nothing else changes it. */
export function readWithPage(objects: EngineObjects, whose: Whose, address: bigint, length: number): MemoryWithPage {
  const start = BigInt.asUintN(64, address & ~BigInt(PAGE - 1));
  const offset = Number(address - start);
  const page = whose === "others" || offset + length > PAGE ? undefined : fixedPage(objects, start, whose === "dump");
  const bytes = page?.slice(offset, offset + length) ?? read(objects, address, length);
  return { bytes, page: page ?? null };
}

/** Undefined also where it cannot be read: what was asked for says why, if that lies in the same place. */
function fixedPage(objects: EngineObjects, start: bigint, isFixed: boolean): Uint8Array<ArrayBuffer> | undefined {
  try {
    return isFixed || (start !== SHARED_DATA && isOwn(objects, start)) ? pageAt(objects, start) : undefined;
  } catch (error) {
    if (error instanceof HresultError || error instanceof BadImage) return undefined;
    throw error;
  }
}

/** Not the sections that processes map, as files or to share memory, and not those of a DLL that all who load it share. */
function isOwn(objects: EngineObjects, address: bigint): boolean {
  const region = new StructView(MEMORY_BASIC_INFORMATION64);
  objects.spaces.QueryVirtual(address, region.bytes);
  const type = region.get("Type");
  if (type !== MEM_IMAGE) return type === MEM_PRIVATE;
  const base = region.get("AllocationBase");
  const headers = PeHeaders.read(new FirstPage(pageAt(objects, base)));
  return headers !== undefined && !headers.isShared(Number(address - base));
}

function pageAt({ spaces }: EngineObjects, start: bigint): Uint8Array<ArrayBuffer> {
  const page = new Uint8Array(PAGE);
  if (spaces.ReadVirtual(start, page, PAGE) < PAGE) throw new BadImage();
  return page;
}

/** There is less than a page, or headers point out of the first one. */
class BadImage extends Error {}

/** The headers of a loaded image. */
class FirstPage implements Source {
  readonly #page: Uint8Array<ArrayBuffer>;

  constructor(page: Uint8Array<ArrayBuffer>) {
    this.#page = page;
  }

  read(offset: number, length: number): DataView {
    if (offset + length > PAGE) throw this.cut();
    return new DataView(this.#page.buffer, offset, length);
  }

  cut(): Error {
    return new BadImage();
  }
}
