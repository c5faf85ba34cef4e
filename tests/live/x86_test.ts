/** 32-bit programs: what they say of themselves, and what the compiler does, against what a session shows of them. */
import assert from "node:assert/strict";
import { attach, DebugSession, type ModuleInfo, type Program, type StackFrame } from "../../mod.ts";
import { isWine } from "../../lib/dbgeng/thread/windows.ts";
import { needs32Bit } from "./machine_support.ts";
import { debuggee, engineFolder, hostings, keepEngine, until } from "./support.ts";

keepEngine();

const WOW = debuggee("wow.exe");
const ACCESS_VIOLATION = 0xc0000005;

/** What wow.exe tells of itself, by the words before the numbers. */
function told(session: DebugSession | Program): Map<string, bigint> {
  const words = new Map<string, bigint>();
  session.on("output", ({ text }) => {
    const [, name, number] = /^(\w+) ([0-9a-f]+)/.exec(text) ?? [];
    if (name && number) words.set(name, BigInt(`0x${number}`));
  });
  return words;
}

/** wow.exe without a debugger, once it is at its endless loop. */
async function startLiving(): Promise<Deno.ChildProcess> {
  const child = new Deno.Command(WOW, { args: ["lives"], stdin: "null", stdout: "piped", stderr: "null" }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  return child;
}

for (const hosting of hostings) {
  const newSession = (): DebugSession => new DebugSession({ hosting, engine: engineFolder() });

  Deno.test(`a 32-bit program (${hosting}) says so, and its pointers have 4 bytes`, needs32Bit, async () => {
    await using session = newSession();
    const words = told(session);
    const program = await session.launch([WOW, "pokes"]);
    assert.equal(program.architecture, "x86");
    assert.equal(program.pointerSize, 4);
    await program.next("exception");
    assert.equal(words.get("size"), 4n);
    const pointers = words.get("pointers") ?? 0n;
    assert.equal(await program.memory.readPointer(pointers), words.get("value"));
    assert.equal(await program.memory.readPointer(pointers + 4n), 0x89abcdefn);
    assert.equal(await program.addressOf("wow!g_pointers"), pointers);
    assert.equal(await program.memory.readInteger(words.get("value") ?? 0n, 4), 0x11223344n);
  });

  Deno.test(
    `Windows' DLLs of a 32-bit program (${hosting}) are the 32-bit files, in events and lists`,
    needs32Bit,
    async () => {
      await using session = newSession();
      const words = told(session);
      const loaded = new Map<bigint, ModuleInfo>();
      session.on("loadModule", ({ module }) => void loaded.set(module.base, module));
      const program = await session.launch([WOW, "pokes"]);
      await program.next("exception");
      const list = await program.modules();
      for (const module of list) {
        const bytes = Deno.readFileSync(module.imageName);
        const machine = new DataView((await program.memory.read(module.base, 0x400)).buffer);
        const header = machine.getUint32(0x3c, true);
        assert.deepEqual(
          bytes.slice(header, header + 8),
          new Uint8Array(machine.buffer).slice(header, header + 8),
          module.imageName,
        );
        if (module.base !== program.image.base) assert.equal(loaded.get(module.base)?.imageName, module.imageName);
      }
      for (const name of ["ntdll", "kernel32"]) {
        const module = list.find(({ base }) => base === words.get(name));
        assert.equal(module?.imageName.toLowerCase().split("\\").slice(-2).join(), `syswow64,${name}.dll`);
        assert.equal(
          await program.addressOf(`${module?.name}!${name === "ntdll" ? "NtClose" : "Sleep"}`) !== null,
          true,
        );
      }
      const own = list.filter(({ imageName }) => /\\system32\\/i.test(imageName)).map(({ name }) => name).sort();
      assert.deepEqual(own, ["ntdll", "win32u", "wow64", "wow64cpu", "wow64win"]);
    },
  );

  Deno.test(
    `a 64-bit program beside a 32-bit one (${hosting}) keeps its own pointers, stack and registers`,
    needs32Bit,
    async () => {
      await using session = newSession();
      const large = await session.launch([debuggee("spin.exe")]);
      const small = await session.launch([WOW, "pokes"]);
      assert.deepEqual([large.architecture, small.architecture], ["x64", "x86"]);
      await small.next("exception");
      const own = await small.thread((await small.threads())[0]?.threadId ?? 0).registers();
      assert.ok("eip" in own && !("rip" in own));
      assert.equal(await small.evaluate("@$ptrsize"), 4n);
      assert.equal(await large.evaluate("@$ptrsize"), 8n);
      const [thread] = await large.threads();
      assert.ok(thread);
      const { rip, rsp } = await thread.registers();
      assert.ok(typeof rip === "bigint" && typeof rsp === "bigint");
      const frames = await thread.stack();
      assert.equal(frames[0]?.address, rip);
      const counter = await large.addressOf("spin!g_counter");
      assert.ok(counter !== null);
      await large.memory.writeInteger(counter, 8, 0x7000_0000_0000_0000n);
      assert.equal(await large.memory.readPointer(counter), 0x7000_0000_0000_0000n);
    },
  );

  Deno.test(
    `both chances of an exception of a 32-bit program (${hosting}) show the stack and registers of its own code`,
    needs32Bit,
    async () => {
      await using session = newSession();
      const words = told(session);
      const program = await session.launch([WOW, "pokes"]);
      const source = Deno.readTextFileSync(new URL("../debuggees/wow.c", import.meta.url)).split("\n");
      const line = (text: string): number => source.findIndex((each) => each.includes(text)) + 1;
      const stacks = new Map<boolean, StackFrame[]>();
      program.on("exception", async ({ firstChance, threadId, address }) => {
        const thread = program.thread(threadId);
        const { eip, esp, ebp } = await thread.registers();
        const frames = await thread.stack();
        stacks.set(firstChance, frames);
        assert.equal(eip, address);
        assert.equal(frames[0]?.address, address);
        assert.equal(frames[0]?.frameAddress, ebp);
        assert.ok(typeof esp === "bigint" && frames[0].stackAddress >= esp - 4n, `${frames[0].stackAddress} ${esp}`);
        if (!firstChance && isWine()) {
          await assert.rejects(
            thread.writeRegister("eax", 1n),
            /Cannot write register eax: its thread is inside Wine's/,
          );
        }
      });
      assert.deepEqual(await program.run(), { reason: "exited", exitCode: ACCESS_VIOLATION });
      const [first, second] = [stacks.get(true) ?? [], stacks.get(false) ?? []];
      assert.deepEqual(second, first);
      const own = first.filter(({ symbol }) => symbol?.startsWith("wow!"));
      assert.deepEqual(own.map(({ symbol, line }) => `${symbol} ${line}`), [
        `wow!poke ${line("else *place = 7;")}`,
        ...Array.from({ length: 3 }, () => `wow!poke ${line("if (depth) poke(")}`),
        `wow!main ${line("poke(NULL, 3);")}`,
      ]);
      assert.deepEqual(
        own.map(({ displacement, address }) => address - displacement).slice(0, 4),
        Array(4).fill(words.get("poke")),
      );
    },
  );

  Deno.test(
    `a thread of a 32-bit program (${hosting}) that waits inside Windows shows its own code`,
    needs32Bit,
    async () => {
      const child = await startLiving();
      try {
        await using program = await attach(child.pid, { hosting, engine: engineFolder(), noninvasive: true });
        const [thread] = await program.threads();
        const symbols = (await thread?.stack() ?? []).map(({ symbol }) => symbol);
        assert.ok(
          symbols.includes("wow!main") && !symbols.some((symbol) => symbol?.startsWith("wow64")),
          symbols.join(),
        );
      } finally {
        child.kill("SIGKILL");
        await child.status;
      }
    },
  );

  Deno.test(
    `a breakpoint in a 32-bit program (${hosting}) hits each time, and the program ends as it would`,
    needs32Bit,
    async () => {
      await using session = newSession();
      const words = told(session);
      const program = await session.launch([WOW, "visits"]);
      const exceptions: number[] = [];
      program.on("exception", ({ code }) => void exceptions.push(code));
      await program.execute("bp wow!visit");
      const numbers: bigint[] = [];
      program.on("breakpoint", async ({ threadId }) => {
        const { esp } = await program.thread(threadId).registers();
        numbers.push(await program.memory.readInteger(esp as bigint + 4n, 4));
        return "go" as const;
      });
      assert.deepEqual(await program.run(), { reason: "exited", exitCode: 5 });
      assert.deepEqual(numbers, Array.from({ length: 20 }, (_, index) => BigInt(index)));
      assert.deepEqual(exceptions, []);
      assert.equal(words.get("end"), 0x11223344n + 190n);
    },
  );

  Deno.test(
    `a 32-bit program (${hosting}) is stepped, and runs with registers that were written`,
    needs32Bit,
    async () => {
      await using session = newSession();
      const words = told(session);
      const program = await session.launch([WOW, "visits"]);
      program.on("entryPoint", async () => void await program.execute("bp wow!visit"));
      const stop = await program.wait();
      assert.ok(stop.reason === "event" && stop.event.type === "breakpoint");
      const thread = program.thread(stop.event.threadId);
      const start = words.get("visit") ?? 0n;
      const seen: bigint[] = [];
      for (let count = 0; count < 6; count++) {
        seen.push((await thread.registers()).eip as bigint - start);
        await program.execute("t");
      }
      const text = await program.execute("u wow!visit L6");
      const instructions = [...text.matchAll(/^([0-9a-f`]{8,17}) /gm)].map(([, at]) =>
        BigInt(`0x${at?.replace("`", "")}`) - start
      );
      assert.deepEqual(seen, instructions);
      let number = 0;
      program.on("breakpoint", async ({ threadId }) => {
        if (++number !== 3) return "go" as const;
        const thread = program.thread(threadId);
        const esp = (await thread.registers()).esp as bigint;
        await thread.writeRegister("eip", await program.memory.readPointer(esp)); // as if the function had been left
        await thread.writeRegister("esp", esp + 4n);
        return "go" as const;
      });
      assert.deepEqual(await program.run(), { reason: "exited", exitCode: 5 });
      assert.equal(words.get("end"), 0x11223344n + 190n - 3n);
    },
  );

  Deno.test(`a 32-bit program (${hosting}) is interrupted, again and again, and goes on`, needs32Bit, async () => {
    await using session = newSession();
    const program = await session.launch([WOW, "lives"]);
    for (let count = 0; count < 3; count++) {
      const waiting = session.wait();
      await session.interrupt();
      assert.equal((await waiting).reason, "interrupt");
      const frames = await program.thread((await program.threads())[0]?.threadId ?? 0).stack();
      assert.ok(frames.length > 0);
    }
    await program.terminate();
  });

  Deno.test(
    `a 32-bit program (${hosting}) runs to its end, and tells all that it tells alone`,
    needs32Bit,
    async () => {
      await using session = newSession();
      const words = told(session);
      const program = await session.launch([WOW, "visits"]);
      assert.deepEqual(await program.run(), { reason: "exited", exitCode: 5 });
      assert.equal(words.get("end"), 0x11223344n + BigInt(190));
    },
  );

  Deno.test(
    `an exception that a 32-bit program (${hosting}) handles is told once, and goes on there`,
    needs32Bit,
    async () => {
      await using session = newSession();
      const words = told(session);
      const program = await session.launch([WOW, "handles"]);
      const seen: [number, boolean, bigint][] = [];
      program.on("exception", ({ code, firstChance, address }) => void seen.push([code, firstChance, address]));
      assert.deepEqual(await program.run(), { reason: "exited", exitCode: 5 });
      assert.deepEqual(seen, [[ACCESS_VIOLATION, true, words.get("handled") ?? 0n]]);
      assert.equal(words.get("end"), 7n);
    },
  );

  Deno.test(
    `a 32-bit program (${hosting}) is attached to, with or without a break, and let go`,
    needs32Bit,
    async () => {
      const child = await startLiving();
      let isOver = false;
      child.status.then(() => isOver = true);
      try {
        for (const options of [{}, { initialBreak: false }, { noninvasive: true }] as const) {
          await using program = await attach(child.pid, { hosting, engine: engineFolder(), ...options });
          assert.equal(program.architecture, "x86", JSON.stringify(options));
          assert.equal(program.name, "wow.exe");
        }
        assert.equal(isOver, false);
      } finally {
        child.kill("SIGKILL");
      }
      await until(() => isOver, "wow.exe ends");
    },
  );
}
