/** Breakpoints as objects: what is told of them is what the program counts. */
import assert from "node:assert/strict";
import { type Breakpoint, DebugSession, EngineError, type Program, StateError } from "../../mod.ts";
import { exitCode } from "./hit_support.ts";
import { debuggee, engineFolder, hostings } from "./support.ts";

async function launched(
  hosting: "worker" | "inline",
  ...command: string[]
): Promise<{ session: DebugSession; program: Program } & AsyncDisposable> {
  const session = new DebugSession({ hosting, engine: engineFolder() });
  const [name = "", ...words] = command;
  const program = await session.launch([debuggee(name), ...words]);
  return { session, program, [Symbol.asyncDispose]: () => session[Symbol.asyncDispose]() };
}

for (const hosting of hostings) {
  Deno.test(`a breakpoint (${hosting}) is hit as often as the program counts, and its options decide what is told`, async () => {
    await using scene = await launched(hosting, "hits.exe", "300");
    const { program } = scene;
    const told: Record<string, number[]> = { plain: [], pass: [], when: [], once: [] };
    const place = await program.addressOf("hits!tick") ?? 0n;
    const plain = await program.breakpoint("hits!tick", {
      hit: async ({ hits }) => {
        told["plain"]?.push(hits);
        await Promise.resolve();
        return "go" as const;
      },
    });
    const pass = await program.breakpoint("hits.exe!tick", {
      pass: 100,
      hit: ({ hits }) => (told["pass"]?.push(hits), "go" as const),
    });
    const when = await program.breakpoint(place, {
      when: async ({ thread }) => Number((await thread.registers())["ecx"]) % 100 === 7,
      hit: async ({ thread, hits }) => {
        told["when"]?.push(Number((await thread.registers())["ecx"]), hits);
        return "go" as const;
      },
    });
    const once = await program.breakpoint(place, {
      once: true,
      hit: ({ breakpoint }) => (told["once"]?.push(breakpoint.id), "go" as const),
    });
    const all = [plain, pass, when, once];
    assert.deepEqual(all.map(({ state, address, hits }) => [state, address, hits]), all.map(() => ["set", place, 0]));
    assert.equal(new Set(all.map(({ id }) => id)).size, 4);
    const listed = await program.breakpoints();
    assert.deepEqual(
      listed.map(({ id, kind, address, enabled, once, passes }) => [id, kind, address, enabled, once, passes]),
      [
        [plain.id, "code", place, true, false, 1],
        [pass.id, "code", place, true, false, 100],
        [when.id, "code", place, true, false, 1],
        [once.id, "code", place, true, true, 1],
      ],
    );
    const end = await program.run();
    assert.equal(end.exitCode, 300);
    assert.deepEqual(told, {
      plain: Array.from({ length: 300 }, (_, index) => index + 1),
      pass: Array.from({ length: 201 }, (_, index) => index + 1),
      when: [7, 1, 107, 2, 207, 3],
      once: [once.id],
    });
    assert.deepEqual(all.map(({ state, hits }) => [state, hits]), [["removed", 300], ["removed", 201], ["removed", 3], [
      "removed",
      1,
    ]]);
  });

  Deno.test(`a breakpoint (${hosting}) is disabled, enabled and removed by its handler`, async () => {
    await using scene = await launched(hosting, "hits.exe", "100");
    const { program } = scene;
    let passed = 0;
    const second: Breakpoint = await program.breakpoint("hits!tick", {
      hit: async ({ hits, breakpoint }) => {
        if (hits === 20) await breakpoint.remove();
        return "go" as const;
      },
    });
    const first = await program.breakpoint("hits!main", { hit: () => "go" });
    await second.disable();
    assert.equal(second.state, "disabled");
    const gate = await program.breakpoint("hits!tick", {
      hit: async ({ breakpoint }) => {
        if (++passed < 10) return "go" as const;
        await second.enable();
        await breakpoint.disable();
        return "go" as const;
      },
    });
    assert.equal((await program.run()).exitCode, 100);
    assert.deepEqual([first.hits, gate.hits, second.hits, second.state], [1, 10, 20, "removed"]);
    await second.remove();
    await assert.rejects(second.enable(), (error) => error instanceof StateError && error.kind === "removed");
  });
}

Deno.test("a breakpoint without an answer stops the program, and wait() says where", async () => {
  await using scene = await launched("worker", "hits.exe", "3");
  const { session, program } = scene;
  const place = await program.breakpoint("hits!tick");
  for (let call = 1; call <= 3; call++) {
    const stop = await session.wait();
    assert.ok(stop.reason === "event" && stop.event.type === "breakpoint", stop.reason);
    assert.deepEqual([stop.event.id, stop.event.address, place.hits], [place.id, place.address, call]);
  }
  assert.deepEqual(await session.wait(), { reason: "ended" });
  assert.equal(exitCode(program), 3);
});

Deno.test("a function of a module that is not there yet is hit when it comes, and each time that it comes again", async () => {
  await using scene = await launched("inline", "modules.exe");
  const { program } = scene;
  let hits = 0;
  const early = await program.breakpoint("plugin!DllMainCRTStartup", { hit: () => (hits++, "go" as const) });
  assert.deepEqual([early.state, early.address], ["deferred", undefined]);
  const loads: bigint[] = [];
  program.on("loadModule", ({ module }) => void (module.name === "plugin" && loads.push(module.base)));
  const never = await program.breakpoint("nowhere!function");
  assert.equal((await program.run()).exitCode, 7);
  assert.ok(loads.length > 0);
  assert.ok(early.address !== undefined && early.address > (loads.at(-1) ?? 0n));
  assert.equal(early.hits, hits);
  assert.equal(hits, 2 * loads.length); // as it comes, and as it goes
  assert.deepEqual([never.state, never.hits], ["removed", 0]); // with its program
});

Deno.test("each of several threads is told, and of a breakpoint of one of them only that one", async () => {
  await using scene = await launched("worker", "hit_threads.exe", "4", "25", "late");
  const { program } = scene;
  const told = new Map<number, number>();
  let own: Breakpoint | undefined;
  const shared = await program.breakpoint("hit_threads!hit", {
    hit: async ({ thread }) => {
      told.set(thread.threadId, (told.get(thread.threadId) ?? 0) + 1);
      own ??= await program.breakpoint("hit_threads!hit", {
        thread,
        hit: ({ thread: { threadId } }) => (ownIds.add(threadId), "go" as const),
      });
      return "go" as const;
    },
  });
  const ownIds = new Set<number>();
  assert.equal((await program.run()).exitCode, 100);
  assert.deepEqual([shared.hits, told.size], [100, 4]);
  assert.equal(ownIds.size, 1);
  const [id = 0] = ownIds;
  const begun = told.get(id) ?? 0;
  assert.ok(own && (own.hits === begun || own.hits === begun - 1), `${own?.hits} of ${begun}`); // the first is the one that it was set at
});

Deno.test("a thousand breakpoints of modules that never come cost the program nothing, and each can be removed", async () => {
  await using scene = await launched("worker", "hits.exe", "50");
  const { program } = scene;
  const many: Breakpoint[] = [];
  for (let index = 0; index < 1_000; index++) many.push(await program.breakpoint(`later${index}!function`));
  assert.equal((await program.breakpoints()).length, 1_000);
  for (const breakpoint of many.slice(0, 500)) await breakpoint.remove();
  assert.deepEqual((await program.breakpoints()).map(({ id }) => id), many.slice(500).map(({ id }) => id));
  const hit = await program.breakpoint("hits!tick", { hit: () => "go" });
  assert.equal((await program.run()).exitCode, 50);
  assert.equal(hit.hits, 50);
});

Deno.test("what commands set and take away is known, and what is not there is refused with the next step", async () => {
  await using scene = await launched("inline", "hits.exe", "5");
  const { program } = scene;
  await program.execute("bp hits!main");
  const [known] = await program.breakpoints();
  assert.deepEqual([known?.kind, known?.address], ["code", await program.addressOf("hits!main")]);
  const own = await program.breakpoint("hits!tick", { hit: () => "go" });
  await program.execute("bc *");
  assert.equal(own.state, "set"); // as far as is known
  await assert.rejects(own.disable(), (error) => error instanceof StateError && error.kind === "removed");
  assert.equal(own.state, "removed");
  const gone = await program.breakpoint("hits!main", { hit: () => "go" });
  await program.execute("bc *; bp hits!tick");
  const [command] = await program.breakpoints();
  const other = await program.breakpoint("hits!tick", { pass: 1_000 });
  assert.deepEqual([gone.state, other.state], ["removed", "set"]);
  assert.equal(new Set([gone.id, other.id, command?.id]).size, 3);
  await gone.remove();
  await assert.rejects(gone.disable(), StateError);
  assert.deepEqual((await program.breakpoints()).map(({ enabled }) => enabled), [true, true]);
  await program.execute("bc *");
  await other.remove();
  const failed = (message: RegExp) => (error: unknown): boolean =>
    error instanceof EngineError && error.kind === "failed" && message.test(error.message);
  await assert.rejects(
    program.breakpoint("hits!tock"),
    failed(/hits has nothing of that name; near it are hits!tick\b/),
  );
  await assert.rejects(program.breakpoint("tick"), failed(/it names no module; write module!function/));
  await assert.rejects(program.breakpoint("hits!t*"), { name: "TypeError", message: /it is a pattern/ });
  await assert.rejects(program.breakpoint("hits!tick", { pass: 0 }), RangeError);
  await assert.rejects(program.breakpoint("hits!tick", { thread: 5 as never }), TypeError);
  assert.deepEqual(await program.breakpoints(), []);
  assert.equal((await program.run()).exitCode, 5);
});
