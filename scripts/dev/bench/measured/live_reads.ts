/**
 * Reads the notes of notes.exe while it is held: 8 bytes of each page, then those of the first page as often. One JSON object on stdout.
 * Run by bench.ts inside the host: `live_reads.ts ENGINE worker|inline|host|confined|direct notes.exe EVENTS PAGES`; `direct` calls the
 * engine's own method without the API above it.
 * @module
 */
import { encodeWide } from "../../../../lib/com/memory.ts";
import { StructView } from "../../../../lib/com/struct_view.ts";
import { EXCEPTION_RECORD64 } from "../../../../lib/dbgeng/generated/structs.ts";
import { loadEngine } from "../../../../lib/dbgeng/thread/library.ts";
import { EngineObjects } from "../../../../lib/dbgeng/thread/objects.ts";
import { DebugSession, quoteCommandLine } from "../../../../mod.ts";
import { digestOf, NOTES, PAGE } from "./digest.ts";
import { hostingOptions } from "./hosting.ts";

const INFINITE = 0xffff_ffff;
const DEBUG_STATUS_GO_NOT_HANDLED = 3;
/** Of winbase.h: without the children that it starts. */
const DEBUG_ONLY_THIS_PROCESS = 2;

interface Figures {
  readonly readUs: number;
  readonly againUs: number;
  readonly digest: number;
}

type Read = (address: bigint) => Uint8Array | Promise<Uint8Array>;

/** Each event has it read all: the last counts, those before it warm up. What was kept of the pages is void in between, for the program has run. */
async function measure(read: Read, [base = 0n, count = 0n]: readonly bigint[]): Promise<Figures> {
  const reads: Uint8Array[] = [];
  const microseconds = async (step: bigint): Promise<number> => {
    const start = performance.now();
    for (let index = 0n; index < count; index++) reads.push(await read(base + index * step));
    return (performance.now() - start) * 1e3 / Number(count);
  };
  const [readUs, againUs] = [await microseconds(PAGE), await microseconds(0n)];
  return { readUs, againUs, digest: digestOf(reads) };
}

async function measureApi(): Promise<Figures | undefined> {
  let figures: Figures | undefined;
  await using session = new DebugSession(hostingOptions(engine, way));
  session.on("exception", async ({ program, code, parameters }) => {
    if (code === NOTES) figures = await measure((address) => program.memory.read(address, 8), parameters.slice(1));
  });
  await session.launch(command);
  await session.wait();
  return figures;
}

/** `sxe` has the engine stop there by itself. */
async function measureEngine(): Promise<Figures | undefined> {
  using objects = new EngineObjects(loadEngine(engine), "");
  const { client, control, spaces } = objects;
  const commandLine = encodeWide(quoteCommandLine(command)); // the next wait launches: it must live until then
  client.CreateProcessWide(0n, commandLine, DEBUG_ONLY_THIS_PROCESS);
  control.Execute(0, `sxe 0x${NOTES.toString(16)}`, 0);
  const read = (address: bigint): Uint8Array => {
    const value = new Uint8Array(8);
    spaces.ReadVirtual(address, value, 8);
    return value;
  };
  let figures: Figures | undefined;
  for (let event = 0; event < events; event++) {
    control.WaitForEvent(0, INFINITE);
    figures = await measure(read, lastParameters(objects));
    control.SetExecutionStatus(DEBUG_STATUS_GO_NOT_HANDLED);
  }
  client.TerminateProcesses();
  return figures;
}

function lastParameters({ control }: EngineObjects): bigint[] {
  const record = new StructView(EXCEPTION_RECORD64);
  control.GetLastEventInformation(record.bytes, record.bytes.length, null, 0);
  const parameters = new DataView(record.bytes.buffer, record.bytes.byteOffset + PARAMETERS);
  return [8, 16].map((offset) => parameters.getBigUint64(offset, true));
}

/** Where the parameters of an exception lie in its record. */
const PARAMETERS = 32;

const [engine = "", way = "", ...command] = Deno.args;
const events = Number(command[1]);
console.log(JSON.stringify(way === "direct" ? await measureEngine() : await measureApi()));
