/** What is kept of a program's memory while it is stopped: never what may have changed. */
import assert from "node:assert/strict";
import { DebugSession, type Program } from "../../lib/api/mod.ts";
import { InlineConnection } from "../../lib/dbgeng/inline_connection.ts";
import { WorkerConnection } from "../../lib/dbgeng/worker_connection.ts";
import { debuggee, engineFolder, hostings, keepEngine, until } from "./support.ts";

keepEngine();

const MEMORIES = 0xe0004d45;
/** KUSER_SHARED_DATA.InterruptTime. */
const CLOCK = 0x7ffe_0008n;

/** Reads that reached the engine. */
let reads = 0;

/** What both connections have. */
interface Caller {
  call(name: string, ...values: unknown[]): Promise<unknown>;
}

for (const { prototype } of [InlineConnection, WorkerConnection] as unknown as { readonly prototype: Caller }[]) {
  const { call } = prototype;
  prototype.call = function (this: Caller, name: string, ...values: unknown[]): Promise<unknown> {
    if (name.startsWith("read")) reads++;
    return call.call(this, name, ...values);
  };
}

/** Where the kinds of memory of memories.exe are. */
interface Places {
  readonly own: bigint;
  readonly allocated: bigint;
  readonly mapped: bigint;
  readonly shared: bigint;
}

function placesOf(parameters: readonly bigint[]): Places {
  const [own = 0n, allocated = 0n, mapped = 0n, shared = 0n] = parameters;
  return { own, allocated, mapped, shared };
}

/** The same value several times, and how many requests that took. */
async function readOften({ memory }: Program, address: bigint): Promise<{ value: bigint; requests: number }> {
  const before = reads;
  const values = new Set<bigint>();
  for (let time = 0; time < 10; time++) values.add(await memory.readInteger(address, 8));
  const [value = 0n] = values;
  assert.equal(values.size, 1);
  return { value, requests: reads - before };
}

async function changes({ memory }: Program, address: bigint, what: string): Promise<void> {
  const first = await memory.readInteger(address, 8);
  await until(async () => await memory.readInteger(address, 8) !== first, `${what} changes`);
}

/** Counts for ever in the memory that it shares. */
function counter(name: string): { readonly pid: number } & AsyncDisposable {
  const silent = { stdin: "null", stdout: "null", stderr: "null" } as const;
  const child = new Deno.Command(debuggee("memories.exe"), { args: [name, "--counts"], ...silent }).spawn();
  return {
    pid: child.pid,
    async [Symbol.asyncDispose](): Promise<void> {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}

const newName = (): string => `latch-${crypto.randomUUID()}`;

for (const hosting of hostings) {
  const newSession = (): DebugSession => new DebugSession({ hosting, engine: engineFolder() });

  Deno.test(`memory (${hosting}) is asked for once or twice at a stop, and anew after it, and whoever writes is believed`, async () => {
    await using session = newSession();
    let events = 0n;
    session.on("exception", async ({ program, code, parameters }) => {
      if (code !== MEMORIES) return;
      events++;
      const { own, allocated } = placesOf(parameters);
      assert.deepEqual(await readOften(program, own), { value: events, requests: 2 });
      assert.deepEqual(await readOften(program, own), { value: events, requests: 0 });
      assert.deepEqual(await readOften(program, allocated), { value: events, requests: 2 });
      const written = { value: 100n, requests: 2 };
      await program.execute(`eq 0x${own.toString(16)} 0x64`);
      assert.deepEqual(await readOften(program, own), written);
      await program.memory.writeInteger(allocated, 8, 100n);
      assert.deepEqual(await readOften(program, allocated), written);
      await program.evaluate(`@@c++(memories!g_own = ${events})`);
      assert.deepEqual(await readOften(program, own), { value: events, requests: 2 });
      await program.memory.writeInteger(allocated, 8, events);
    });
    const { exitCode } = await (await session.launch([debuggee("memories.exe"), newName()])).run();
    assert.deepEqual({ events, exitCode }, { events: 3n, exitCode: 3 });
  });

  Deno.test(`memory (${hosting}) that others write to while the program is stopped is never kept`, async () => {
    const name = newName();
    await using _ = counter(name);
    await using session = newSession();
    const program = await session.launch([debuggee("memories.exe"), name]);
    const { code, parameters } = await program.next("exception");
    assert.equal(code, MEMORIES);
    const { own, mapped, shared } = placesOf(parameters);
    await changes(program, mapped, "a section of both processes");
    await changes(program, shared, "a section of the image of both");
    await changes(program, CLOCK, "Windows' clock");
    assert.equal((await readOften(program, own)).value, 1n);
    const before = reads;
    for (let time = 0; time < 5; time++) await program.memory.read(own, 8, { uncached: true });
    assert.equal(reads - before, 5);
  });

  Deno.test(`memory (${hosting}) at the border of what is there gives the same bytes and errors each time`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("memories.exe"), newName()]);
    const { base, size } = program.image;
    const end = base + BigInt(size);
    const told = async (offset: bigint, length: number, uncached: boolean): Promise<string> =>
      await program.memory.read(end + offset, length, { uncached }).then(
        (bytes) => bytes.toHex(),
        (error) => `${error}`,
      );
    for (
      const [offset, length] of [[-8n, 8], [-8n, 9], [-4n, 8], [0n, 8], [-1n, 1], [-4096n, 4096], [-4096n, 4097], [
        0n,
        0,
      ]] as const
    ) {
      const expected = await told(offset, length, true);
      for (let time = 0; time < 4; time++) {
        assert.equal(await told(offset, length, false), expected, `${offset} ${length}`);
      }
      assert.equal(expected.startsWith("EngineError"), offset + BigInt(length) > 0n, expected);
    }
  });

  for (const noninvasive of ["noSuspend", true] as const) {
    Deno.test(`memory (${hosting}) of a program that is only looked at (${noninvasive}) is never kept`, async () => {
      await using target = counter(newName());
      await using session = newSession();
      const program = await session.attach(target.pid, { noninvasive });
      const own = await program.addressOf("memories!g_own") ?? 0n;
      if (noninvasive === "noSuspend") await changes(program, own, "its own counter");
      else assert.equal((await readOften(program, own)).requests, 10);
    });
  }
}
