/** Modules, threads, symbols, expressions, commands and dumps of a stopped program, and what it prints. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DebugSession, EngineError, StateError } from "../../mod.ts";
import { debuggee, engineFolder, hostings, keepEngine, scratch } from "./support.ts";

keepEngine();

/** Longer than a command takes, in milliseconds. */
const LATE = 10_000;

for (const hosting of hostings) {
  const newSession = (): DebugSession => new DebugSession({ hosting, engine: engineFolder() });

  Deno.test(`symbols (${hosting}) are looked for on this machine only, unless symbolPath says otherwise`, async () => {
    Deno.env.set("_NT_SYMBOL_PATH", "srv*C:\\from_the_environment");
    try {
      for (const symbolPath of [undefined, "srv*C:\\asked_for"]) {
        const options = symbolPath === undefined ? {} : { symbolPath };
        await using session = new DebugSession({ hosting, engine: engineFolder(), ...options });
        const program = await session.launch([debuggee("stubborn.exe")]);
        const path = await program.execute(".sympath");
        assert.doesNotMatch(path, /from_the_environment/);
        assert.equal(/srv\*/i.test(path), symbolPath !== undefined, path);
        assert.equal(path.includes("asked_for"), symbolPath !== undefined, path);
      }
    } finally {
      Deno.env.delete("_NT_SYMBOL_PATH");
    }
  });

  Deno.test(`modules() (${hosting}) gives what was reported as loaded, and less what was unloaded`, async () => {
    await using session = newSession();
    const loaded = new Map<bigint, string>();
    let looked = 0;
    session.on("loadModule", async ({ program, module }) => {
      loaded.set(module.base, module.name);
      const names = (await program.modules()).map(({ name }) => name);
      assert.equal(names.filter((name) => name === module.name).length, 1, "not one that was unloaded before");
      looked += Number(module.name === "plugin");
    });
    session.on("unloadModule", ({ base }) => void loaded.delete(base));
    const program = await session.launch([debuggee("modules.exe"), "3"]);
    const modules = await program.modules();
    const expected = [program.image.name, ...loaded.values()];
    assert.deepEqual(modules.map(({ name }) => name).sort(), expected.sort());
    assert.deepEqual(modules.find(({ base }) => base === program.image.base), program.image);
    const kernel = modules.find(({ name }) => name === "kernel32");
    assert.match(kernel?.imageName ?? "", /kernel32\.dll$/i);
    assert.ok((kernel?.size ?? 0) > 0x1000);
    assert.deepEqual(await session.wait(), { reason: "ended" });
    assert.equal(looked, 3);
  });

  Deno.test(`threads() (${hosting}) gives the threads that live, each with its stack`, async () => {
    await using session = newSession();
    const alive = new Set<number>();
    session.on("createProcess", ({ threadId }) => void alive.add(threadId));
    session.on("exitThread", ({ threadId }) => void alive.delete(threadId));
    let most = 0;
    session.on("createThread", async ({ program, threadId }) => {
      alive.add(threadId);
      const threads = await program.threads();
      assert.deepEqual(threads.map((thread) => thread.threadId).sort(), [...alive].sort());
      for (const thread of threads) assert.ok((await thread.stack()).length > 0);
      most = Math.max(most, threads.length);
    });
    await session.launch([debuggee("threads.exe"), "6"]);
    assert.deepEqual(await session.wait(), { reason: "ended" });
    assert.ok(most >= 5, `the main thread and the last four live at the same time, not ${most}`);
  });

  Deno.test(`nameAt() and addressOf() (${hosting}) lead to each other`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("crash.exe")]);
    for (const symbol of ["crash!main", "crash!outer", "crash!write_through"]) {
      const address = await program.addressOf(symbol);
      assert.ok(address !== null && address > program.image.base);
      assert.deepEqual(await program.nameAt(address), { symbol, displacement: 0n });
      assert.deepEqual(await program.nameAt(address + 3n), { symbol, displacement: 3n });
    }
    assert.equal(await program.addressOf("crash!no_such_function"), null);
    assert.equal(await program.addressOf("no_such_module!main"), null);
    assert.equal(await program.nameAt(16n), null);
    for (const { base } of await program.modules()) {
      for (const offset of [0n, 1n, 0x200n, 0x1000n, 0x1010n]) { // before the first function, as a rule
        const name = await program.nameAt(base + offset);
        assert.ok(name === null || name.displacement >= 0n, `${name?.symbol} is behind what it is to name`);
      }
    }
  });

  Deno.test(`addressOf() (${hosting}) takes names as they are, and refuses what is none`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("names.exe")]);
    for (const [name, other] of [["*", "times"], ["*=", "times_assign"], ["[]", "at"]]) {
      const address = await program.addressOf(`names!operator${name}`);
      assert.notEqual(address, null, name);
      assert.equal(address, await program.addressOf(`names!${other}`), name);
    }
    assert.equal(await program.addressOf("names!holds<int *>"), await program.addressOf("names!holds"));
    for (
      const none of [
        "names!holds<int **>",
        "names!holds<*>",
        "names!ma[i]n",
        "names!ma#in",
        "names!" + "x".repeat(1_990),
      ]
    ) {
      assert.equal(await program.addressOf(none), null, none);
    }
    for (const wrong of ["*", "", "names!", "names!*", "names!m*n", "names!mai?", "x".repeat(2_001), "main\0"]) {
      await assert.rejects(program.addressOf(wrong), { name: "TypeError", message: /^Cannot [^\r\n]+$/ }, wrong);
    }
    assert.notEqual(await program.addressOf("names!main"), null);
  });

  Deno.test(`evaluate() (${hosting}) refuses what is too deep or too long for the engine`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("spin.exe")]);
    const deep = (times: number): string => "(".repeat(times) + "1" + ")".repeat(times);
    assert.equal(await program.evaluate(deep(200)), 1n);
    assert.equal(await program.evaluate("1" + "+1".repeat(2_000)), 2_001n);
    for (
      const wrong of [deep(201), "(".repeat(1_000), "~".repeat(201) + "1", "hi ".repeat(201) + "1", "1".repeat(4_097)]
    ) {
      const said = { name: "RangeError", message: /^Cannot evaluate [^\r\n]+$/ };
      await assert.rejects(program.evaluate(wrong), said, wrong.slice(0, 10));
    }
    assert.equal(await program.evaluate("1 + 1"), 2n);
  });

  Deno.test(`evaluate() (${hosting}) gives values and says what it cannot read`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("spin.exe")]);
    assert.equal(await program.evaluate("2 + 0n3 * 4"), 14n);
    assert.equal(await program.evaluate("  poi(spin!g_counter) + 1  "), 1n);
    assert.equal(await program.evaluate("dwo(spin!g_point)"), 3n);
    assert.equal(await program.evaluate("@$tpid"), BigInt(program.pid));
    for (const expression of ["", "1 +", "no_such_symbol", "poi(0)", "2 )", "0n12 tail"]) {
      await assert.rejects(program.evaluate(expression), (error) => {
        assert.ok(error instanceof EngineError, `"${expression}": ${error}`);
        assert.match(error.message, /^Cannot evaluate [^\r\n]+$/);
        assert.ok(error.message.includes(`"${expression}": `), error.message);
        return true;
      });
    }
  });

  Deno.test(`execute() (${hosting}) gives what a command printed, apart from the events' text`, async () => {
    await using session = newSession();
    const texts: string[] = [];
    session.on("output", ({ text }) => void texts.push(text));
    session.on("engineOutput", ({ text }) => void texts.push(text));
    const program = await session.launch([debuggee("talker.exe")]);
    const printed = texts.length;
    assert.equal(await program.execute('.echo "grüße, 世界"'), "grüße, 世界\n");
    assert.match(await program.execute("lm m talker"), /talker/);
    assert.equal(await program.execute("r @$t0 = 5"), "");
    await assert.rejects(program.execute("no such\ncommand"), (error) => {
      assert.ok(error instanceof EngineError);
      assert.match(error.message, /^Cannot execute "no such command": [^\r\n]*error in 'no such command'/i);
      return true;
    });
    assert.match(
      await program.execute(".for (r $t1 = 0; @$t1 < 0n500; r $t1 = @$t1 + 1) { .echo line }"),
      /^(line\n){500}$/,
    );
    assert.equal(texts.length, printed, "no event repeats what a command printed");
    assert.deepEqual(await session.wait(), { reason: "ended" });
    assert.ok(texts.includes("plain narrow line\n"));
  });

  Deno.test(`execute() (${hosting}) gives commands that ask for input its end, and the session works on`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("spin.exe")]);
    const answer = async (command: string): Promise<string> => {
      const late = Promise.withResolvers<string>();
      const timer = setTimeout(() => late.reject(new Error(`"${command}" waits`)), LATE);
      const refused = (error: Error): string => `refused: ${error.message}`;
      return await Promise.race([program.execute(command).catch(refused), late.promise])
        .finally(() => clearTimeout(timer));
    };
    for (const command of ["a", "a @rip", "e @rsp", "eb @rsp", "ed @rsp", "eq @rsp", "ep @rsp", "ef @rsp", "?"]) {
      assert.ok((await answer(command)).length > 0);
    }
    assert.match(await answer("r rax="), /^refused: /);
    assert.match(await answer("eb @rsp; ew @rsp; .echo over"), /over\n$/);
    assert.match(await answer(".if (1) { a; a; a }; .echo over"), /over\n$/);
    assert.match(await answer(".shell ver"), /Windows [\d.]+\s/);
    // Takes seconds, in which the engine waits for the shell to print more.
    if (hosting === "worker") assert.match(await answer(".shell"), /\.shell_quit/);
    assert.equal(await program.evaluate("1 + 1"), 2n);
  });

  Deno.test(`execute() (${hosting}) of a command that runs the program waits for its next stop`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("crash.exe"), "--handled"]);
    const [thread] = await program.threads();
    const here = async (): Promise<bigint> => (await thread?.registers())?.["rip"] as bigint;
    const main = await program.addressOf("crash!main") ?? 0n;
    await program.execute("bp crash!main");
    await program.execute("g");
    assert.equal(program.state, "stopped");
    const atMain = await here();
    assert.ok(atMain >= main && atMain < main + 0x40n);
    await program.execute("p");
    const stepped = await here();
    assert.ok(stepped > atMain && stepped < main + 0x80n);
    await program.execute("bp crash!write_through");
    assert.match(await program.execute("g; .echo behind"), /behind\n$/);
    assert.equal((await program.nameAt(await here()))?.symbol, "crash!write_through");
    assert.equal((await thread?.stack(1))?.[0]?.symbol, "crash!write_through");
    await program.execute("g");
    await program.ended;
    assert.deepEqual(program.end, { reason: "exited", exitCode: 3 });
  });

  Deno.test(`execute() (${hosting}) of a command that runs the program is refused inside a handler`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("stubborn.exe")]);
    await program.execute("bp stubborn!main");
    let refused: unknown;
    program.on("breakpoint", async () => {
      assert.match(await program.execute("k 1"), /stubborn!main/);
      refused = await program.execute("g").catch((error) => error);
      return "go" as const;
    });
    assert.deepEqual(await session.wait(), { reason: "ended" });
    assert.ok(refused instanceof StateError);
    assert.equal(refused.kind, "in-handler");
    assert.match(
      refused.message,
      /^Cannot run the program by "g" inside a handler: it holds the programs.*; do it after/,
    );
    assert.deepEqual(program.end, { reason: "exited", exitCode: 5 });
  });

  Deno.test(`writeDump() (${hosting}) writes whole dumps, or nothing`, async () => {
    using folder = scratch();
    await using session = newSession();
    const program = await session.launch([debuggee("spin.exe")]);
    const sizes: number[] = [];
    for (const [type, comment] of [["mini", "größer"], ["full", undefined]] as const) {
      const file = join(folder.path, `${type} dümp.dmp`);
      for (let round = 0; round < 2; round++) { // the second replaces the first
        await program.writeDump(file, { type, ...(comment ? { comment } : {}) });
        const bytes = Deno.readFileSync(file);
        assert.equal(new TextDecoder().decode(bytes.subarray(0, 4)), "MDMP");
        sizes.push(bytes.length);
      }
    }
    assert.ok((sizes[3] ?? 0) > 4 * (sizes[1] ?? 0), `all memory is more than stacks: ${sizes}`);
    assert.deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name).sort(), [
      "full dümp.dmp",
      "mini dümp.dmp",
    ]);
    const missing = join(folder.path, "no such folder", "a.dmp");
    await assert.rejects(program.writeDump(missing), (error) => {
      assert.ok(error instanceof EngineError);
      assert.match(error.message, /^Cannot write the dump [^\r\n]*no such folder[^\r\n]*look at the folder/);
      return true;
    });
    Deno.mkdirSync(join(folder.path, "taken"));
    await assert.rejects(program.writeDump(join(folder.path, "taken")), /^EngineError: Cannot write the dump/);
    assert.equal([...Deno.readDirSync(folder.path)].length, 3);
    assert.ok((await program.threads()).length > 0);
  });

  Deno.test(`commands one upon another (${hosting}) leave the script's other tasks a turn, also those that fail`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("stubborn.exe")]);
    for (const ask of [() => program.execute("r"), () => program.evaluate("nowhere!nothing").catch(() => {})]) {
      let isTurn = false;
      const timer = setTimeout(() => isTurn = true, 10);
      for (const end = performance.now() + 5_000; !isTurn && performance.now() < end;) await ask();
      clearTimeout(timer);
      assert.ok(isTurn, "no turn came");
    }
  });

  Deno.test(`output events (${hosting}) carry the text, beyond ASCII too`, async () => {
    await using session = newSession();
    let text = "";
    session.on("output", (event) => {
      text += event.text;
      assert.ok(event.processId > 0 && event.threadId > 0);
    });
    await session.launch([debuggee("talker.exe")]);
    assert.deepEqual(await session.wait(), { reason: "ended" });
    const long = Array.from({ length: 1999 }, (_, index) => String.fromCharCode(97 + index % 26)).join("");
    assert.ok(text.startsWith("plain narrow line\nplain w"), text); // Wine cuts wide text, at half of its length
    assert.ok(text.includes("grüße in the ANSI code page\ntwo\nlines\nno line end"));
    assert.ok(text.endsWith(`${long}\nlast line\n`));
  });
}
