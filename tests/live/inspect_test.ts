/** What a stopped program shows and takes: memory, registers, stacks, modules, symbols, commands, dumps. */
import assert from "node:assert/strict";
import { type DebugEvent, DebugSession, EngineError, type Program } from "../../mod.ts";
import { debuggee, engineFolder, hostings, keepEngine } from "./support.ts";

keepEngine();

/** Checks an error of the engine: its kind, and one line that says what it was about. */
function engineError(says: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof EngineError, String(error));
    assert.equal(error.kind, "failed");
    assert.match(error.message, /^Cannot [^\r\n]+$/);
    assert.match(error.message, says);
    return true;
  };
}

/** The line of crash.c that holds a text, counted from 1. */
function lineOf(text: string): number {
  const source = Deno.readTextFileSync(new URL("../debuggees/crash.c", import.meta.url)).split("\n");
  const index = source.findIndex((line) => line.includes(text));
  assert.ok(index >= 0, `crash.c holds ${text}`);
  return index + 1;
}

async function address(program: Program, symbol: string): Promise<bigint> {
  const found = await program.addressOf(symbol);
  assert.ok(found !== null, symbol);
  return found;
}

/** Runs spin.exe to the hundredth call of `spin_here`: 99 have been carried out then. */
async function runHundred(session: DebugSession, program: Program): Promise<void> {
  await program.execute("bp spin!spin_here 0n100");
  const stop = await session.wait();
  assert.ok(stop.reason === "event" && stop.event.type === "breakpoint");
}

for (const hosting of hostings) {
  const newSession = (): DebugSession => new DebugSession({ hosting, engine: engineFolder() });

  Deno.test(`requests (${hosting}) that are made at once come to their ends in that order, failures and turns between them or not`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("spin.exe")]);
    for (let round = 0; round < 60; round++) {
      const ends: number[] = [];
      const look = (name: string, call: number): Promise<unknown> =>
        program.evaluate(name).catch((error) => assert.ok(error instanceof EngineError)).then(() => ends.push(call));
      await Promise.all(["spin!no_such", "spin!main", "spin!no_such + 1", "1 + 1"].map(look));
      assert.deepEqual(ends, [0, 1, 2, 3], `round ${round}`);
    }
  });

  Deno.test(`memory (${hosting}) is read and written, and the program uses what was written`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("spin.exe")]);
    const { memory } = program;
    const point = await address(program, "spin!g_point");
    assert.equal(await memory.readInteger(point, 4), 3n);
    assert.equal(await memory.readInteger(point + 4n, 4, { signed: true }), -4n);
    assert.equal(await memory.readInteger(point + 4n, 4), 0xffff_fffcn);
    assert.equal(await memory.readInteger(point + 4n, 1, { signed: true }), -4n);
    assert.equal(new DataView((await memory.read(point + 8n, 8)).buffer).getFloat64(0, true), 2.5);
    const counter = await address(program, "spin!g_counter");
    const big = 0x7000_0000_0000_0000n;
    await memory.writeInteger(counter, 8, big);
    assert.equal(await memory.readPointer(counter), big);
    await runHundred(session, program);
    assert.equal(await memory.readInteger(counter, 8), big + 99n);
  });

  Deno.test(`memory (${hosting}) that is written before the program runs is what it works with`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("spin.exe")]);
    const point = await address(program, "spin!g_point");
    const counter = await address(program, "spin!g_counter");
    await program.memory.writeInteger(point, 4, 9n);
    await program.memory.writeInteger(point + 4n, 4, 0n);
    await runHundred(session, program);
    assert.equal(await program.memory.readInteger(counter, 8), 99n * (1n + 9n + 0n + 1n));
  });

  Deno.test(`memory (${hosting}) of any size is read, none at all too`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("spin.exe")]);
    const { memory, image } = program;
    assert.deepEqual(await memory.read(0n, 0), new Uint8Array());
    await memory.write(0n, new Uint8Array());
    const whole = await memory.read(image.base, image.size);
    assert.equal(whole.length, image.size);
    assert.equal(new TextDecoder().decode(whole.subarray(0, 2)), "MZ");
    const parts = await Promise.all([0, 1000, 5000].map((at) => memory.read(image.base + BigInt(at), 10)));
    assert.deepEqual(parts, [0, 1000, 5000].map((at) => whole.slice(at, at + 10)));
  });

  Deno.test(`memory (${hosting}) that is not accessible is told by its address`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("spin.exe")]);
    const { memory, image } = program;
    const end = image.base + BigInt(image.size);
    await assert.rejects(memory.read(16n, 4), engineError(/read 4 bytes at 0x10: 0 of them/));
    await assert.rejects(memory.write(16n, Uint8Array.of(1, 2)), engineError(/write 2 bytes at 0x10: 0 of them/));
    const where = (end - 16n).toString(16);
    await assert.rejects(memory.read(end - 16n, 0x10_0000), engineError(new RegExp(`0x${where}: \\d+ of them`)));
    const more = new Uint8Array(0x2000);
    more.set(await memory.read(end - 16n, 16));
    await assert.rejects(
      memory.write(end - 16n, more),
      engineError(new RegExp(`write 8192 bytes at 0x${where}: \\d+ of`)),
    );
    assert.equal((await memory.read(image.base, 2)).length, 2);
  });

  Deno.test(`strings (${hosting}) are read, wide and narrow, up to their zero or a length`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("spin.exe")]);
    const { memory } = program;
    const at = await address(program, "spin!g_counter"); // room for 8 bytes and g_point behind it or before it
    const room = await memory.read(at, 8);
    const wide = new Uint8Array(new Uint16Array([0x4e16, 0x754c, 0, 0x41]).buffer);
    await memory.write(at, wide);
    assert.equal(await memory.readString(at), "世界");
    assert.equal(await memory.readString(at, { length: 2 }), "世");
    await memory.write(at, new TextEncoder().encode("grüß\\0x").slice(0, 6));
    await memory.write(at + 6n, Uint8Array.of(0, 0x41));
    assert.equal(await memory.readString(at, { encoding: "utf-8" }), "grüß");
    assert.equal(await memory.readString(at, { encoding: "utf-8", length: 2 }), "gr");
    await memory.write(at, room);
    const commandLine = await program.evaluate("poi(poi(@$peb + 0x20) + 0x78)");
    assert.ok((await memory.readString(BigInt(commandLine))).includes("spin.exe"));
  });

  Deno.test(`a string (${hosting}) at the end of accessible memory is read whole`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("spin.exe")]);
    const { memory, image } = program;
    const end = image.base + BigInt(image.size);
    await assert.rejects(memory.read(end, 1), engineError(/0 of them/), "nothing is behind the image");
    await memory.write(end - 4n, new TextEncoder().encode("end"));
    assert.equal(await memory.readString(end - 4n, { encoding: "utf-8" }), "end");
    await memory.write(end - 8n, new Uint8Array(new Uint16Array([0x65, 0x6e, 0x64, 0]).buffer));
    assert.equal(await memory.readString(end - 8n), "end");
    await memory.write(end - 4n, new TextEncoder().encode("open"));
    await assert.rejects(memory.readString(end - 4n, { encoding: "utf-8" }), engineError(/0 of them/));
  });

  Deno.test(`registers (${hosting}) are read and written, and the program uses what was written`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("stubborn.exe")]);
    const [thread] = await program.threads();
    assert.ok(thread);
    const before = await thread.registers();
    assert.equal(typeof before["rip"], "bigint");
    assert.equal(await program.evaluate("@rip"), before["rip"]);
    assert.equal(BigInt.asUintN(32, before["rsp"] as bigint), before["esp"]);
    assert.ok(before["xmm0"] instanceof Uint8Array);
    await thread.writeRegister("r15", 0x1234_5678_9abc_def0n);
    await thread.writeRegister("r14", 7);
    const after = await thread.registers();
    assert.deepEqual([after["r15"], after["r14"], after["rip"]], [0x1234_5678_9abc_def0n, 7n, before["rip"]]);
    await assert.rejects(thread.writeRegister("no_such", 1n), EngineError);
    await assert.rejects(thread.writeRegister("xmm0", 1n), {
      name: "TypeError",
      message: /^Cannot write register xmm0/,
    });
    // At its first instruction main returns at once with what eax holds.
    const main = await address(program, "stubborn!main");
    await program.execute(`bp ${"0x" + main.toString(16)}`);
    const stop = await session.wait();
    assert.equal(stop.reason, "event");
    const stackPointer = (await thread.registers())["rsp"] as bigint;
    await thread.writeRegister("rax", 33n);
    await thread.writeRegister("rip", await program.memory.readPointer(stackPointer));
    await thread.writeRegister("rsp", stackPointer + 8n);
    assert.deepEqual(await session.wait(), { reason: "ended" });
    assert.deepEqual(program.end, { reason: "exited", exitCode: 33 });
  });

  Deno.test(`stack() (${hosting}) names the functions, files and lines of a crash`, async () => {
    await using session = newSession();
    const events: DebugEvent[] = [];
    session.on("exception", async (event) => {
      events.push(event);
      const thread = event.program.thread(event.threadId);
      const frames = await thread.stack();
      const own = frames.filter(({ symbol }) => symbol?.startsWith("crash!"));
      const expected = [
        ["crash!write_through", lineOf("*target = value;")],
        ["crash!inner", lineOf("return write_through(")],
        ["crash!outer", lineOf("return inner(")],
        ["crash!main", lineOf("return outer(21, nowhere)")],
      ];
      assert.deepEqual(own.slice(0, 4).map(({ symbol, line }) => [symbol, line]), expected);
      for (const { file } of own.slice(0, 4)) assert.match(file ?? "", /crash\.c$/);
      assert.equal(frames[0]?.address, event.type === "exception" ? event.address : undefined);
      for (const [index, frame] of own.slice(0, 3).entries()) {
        assert.equal(frame.returnAddress, own[index + 1]?.address);
      }
      for (const { displacement } of own.slice(0, 4)) assert.ok(displacement > 0n && displacement < 0x1000n);
      assert.deepEqual(await thread.stack(2), frames.slice(0, 2));
    });
    await session.launch([debuggee("crash.exe")]);
    assert.deepEqual(await session.wait(), { reason: "ended" });
    assert.ok(events.length >= 1);
    const [event] = events;
    assert.ok(event?.type === "exception");
    assert.deepEqual([event.code, event.name, event.firstChance], [0xc0000005, "STATUS_ACCESS_VIOLATION", true]);
    assert.deepEqual(event.parameters, [1n, 0n]); // a write to address 0
  });
}
