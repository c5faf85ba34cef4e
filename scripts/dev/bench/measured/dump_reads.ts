/**
 * Reads out of a dump as `client.exe dump-reads` does, through the engine's interfaces. One JSON object on stdout.
 * Run by bench.ts inside the host: `dump_reads.ts ENGINE DUMP COUNT`
 * @module
 */
import { StructView } from "../../../../lib/com/struct_view.ts";
import { MEMORY_BASIC_INFORMATION64 } from "../../../../lib/dbgeng/generated/structs.ts";
import { loadEngine } from "../../../../lib/dbgeng/thread/library.ts";
import { EngineObjects } from "../../../../lib/dbgeng/thread/objects.ts";

const MEM_COMMIT = 0x1000;
const INFINITE = 0xffff_ffff;
const BULK_READS = 64;
const BULK_SIZE = 1 << 20;

/** The largest piece of readable memory: bulk reads shall not stop at a border. */
function largestRegion({ spaces }: EngineObjects): { base: bigint; size: bigint } {
  const region = new StructView(MEMORY_BASIC_INFORMATION64);
  const largest = { base: 0n, size: 0n };
  for (let address = 0n;;) {
    try {
      spaces.QueryVirtual(address, region.bytes);
    } catch {
      return largest;
    }
    const base = region.get("BaseAddress");
    const size = region.get("RegionSize");
    if (base + size <= address) return largest;
    if (region.get("State") === MEM_COMMIT && size > largest.size) Object.assign(largest, { base, size });
    address = base + size;
  }
}

/** Nanoseconds of one read of 8 bytes; half as many warm up, so that compiled code is measured, as it is in C. */
function readSmall({ registers, spaces }: EngineObjects, count: number): number {
  const stack = registers.GetStackOffset();
  const value = new Uint8Array(8);
  for (let index = 0; index < count / 2; index++) spaces.ReadVirtual(stack, value, 8);
  const start = performance.now();
  for (let index = 0; index < count; index++) spaces.ReadVirtual(stack, value, 8);
  return (performance.now() - start) * 1e6 / count;
}

/** Walks through the region in steps of 1 MiB, as the client does. */
function readBulk(objects: EngineObjects): { bulkMBps: number; bulkBytes: number } {
  const { base, size } = largestRegion(objects);
  const steps = Math.max(1, Number(size / BigInt(BULK_SIZE)));
  const buffer = new Uint8Array(BULK_SIZE);
  let bulkBytes = 0;
  const start = performance.now();
  for (let index = 0; index < BULK_READS; index++) {
    bulkBytes += objects.spaces.ReadVirtual(base + BigInt(index % steps * BULK_SIZE), buffer, BULK_SIZE);
  }
  return { bulkMBps: bulkBytes / 1000 / (performance.now() - start), bulkBytes };
}

const [folder = "", dump = "", count = "100000"] = Deno.args;
const objects = new EngineObjects(loadEngine(folder), "");
objects.client.OpenDumpFileWide(dump, 0n);
objects.control.WaitForEvent(0, INFINITE);
const read8Ns = readSmall(objects, Number(count));
console.log(JSON.stringify({ read8Ns, ...readBulk(objects) }));
