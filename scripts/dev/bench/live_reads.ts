/**
 * Reads 8 bytes of a stopped program. One JSON object on stdout.
 * Run by bench.ts inside the host: `live_reads.ts ENGINE worker|inline|host|direct COUNT PROGRAM ARGUMENTS…`; `direct` calls the
 * engine's own method without the API above it.
 * @module
 */
import { encodeWide } from "../../../lib/com/memory.ts";
import { loadEngine } from "../../../lib/dbgeng/thread/library.ts";
import { EngineObjects } from "../../../lib/dbgeng/thread/objects.ts";
import { DebugSession, quoteCommandLine } from "../../../mod.ts";
import { hostingOptions } from "./hosting.ts";

const INFINITE = 0xffff_ffff;
/** Of winbase.h: without the children that it starts. */
const DEBUG_ONLY_THIS_PROCESS = 2;

async function microseconds(count: number, read: () => unknown): Promise<number> {
  for (let index = 0; index < count / 10; index++) await read();
  const start = performance.now();
  for (let index = 0; index < count; index++) await read();
  return (performance.now() - start) * 1e3 / count;
}

async function measureApi(): Promise<number> {
  await using session = new DebugSession({ engine, ...hostingOptions(way) });
  const program = await session.launch(command);
  const { base } = program.image;
  return await microseconds(count, () => program.memory.read(base, 8));
}

async function measureEngine(): Promise<number> {
  using objects = new EngineObjects(loadEngine(engine), "");
  const { client, control, spaces, symbols } = objects;
  const commandLine = encodeWide(quoteCommandLine(command)); // the next wait launches: it must live until then
  client.CreateProcessWide(0n, commandLine, DEBUG_ONLY_THIS_PROCESS);
  control.WaitForEvent(0, INFINITE);
  const base = symbols.GetModuleByIndex(0);
  const value = new Uint8Array(8);
  const result = await microseconds(count, () => spaces.ReadVirtual(base, value, 8));
  client.TerminateProcesses();
  return result;
}

const [engine = "", way = "", text = "5000", ...command] = Deno.args;
const count = Number(text);
const result = way === "direct" ? await measureEngine() : await measureApi();
console.log(JSON.stringify({ us: result }));
