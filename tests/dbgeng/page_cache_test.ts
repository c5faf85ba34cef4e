/** Memory that nothing has changed is read once or twice; what is given is always what the engine would have given. */
import assert from "node:assert/strict";
import fc from "npm:fast-check@4.3.0";
import type { EngineApi, Focus } from "../../lib/dbgeng/engine_api.ts";
import { PageCache } from "../../lib/dbgeng/page_cache.ts";
import { EngineError, type EngineErrorKind } from "../../lib/session/errors.ts";
import type { Program } from "../../lib/session/program.ts";
import type { SessionManager } from "../../lib/session/session.ts";
import { event, type FakeEngine, fakeSession, launched, MODULE } from "../session/fake_engine.ts";

const PAGE = 4096;

/** Answers reads with the number of changes so far. */
function answerReads(engine: FakeEngine, changes: { count: number }): void {
  engine.answers.read = (_focus, _address, length) => new Uint8Array(length).fill(changes.count);
  engine.answers.readWithPage = (_focus, _address, length) => ({
    bytes: new Uint8Array(length).fill(changes.count),
    page: new Uint8Array(PAGE).fill(changes.count),
  });
}

interface Scene {
  readonly session: SessionManager;
  readonly engine: FakeEngine;
  readonly program: Program;
}

const OTHER = 8;

async function fail({ engine, program }: Scene, kind: EngineErrorKind): Promise<void> {
  engine.answers.modules = (): never => {
    throw new EngineError(kind, "for a test");
  };
  await assert.rejects(program.modules());
}

/** What may change memory, and what does not. */
const ACTS: Readonly<Record<string, { readonly changes: boolean; act(scene: Scene): Promise<unknown> }>> = {
  "a write": { changes: true, act: ({ program }) => program.memory.write(0x5000n, Uint8Array.of(1)) },
  "a write to a register": { changes: true, act: ({ program }) => program.thread(1).writeRegister("rax", 1n) },
  "a command": { changes: true, act: ({ program }) => program.execute("r") },
  "a breakpoint": { changes: true, act: ({ program }) => program.breakpoint(1n).catch(() => {}) },
  "an expression": { changes: true, act: ({ program }) => program.evaluate("@@c++(g = 1)") },
  "a dump": { changes: true, act: ({ program }) => program.writeDump("C:\\a.dmp") },
  "a run": {
    changes: true,
    async act({ session, engine }): Promise<void> {
      const stop = session.wait();
      await engine.running();
      engine.stop({ kind: "break", processId: 7, threadId: 1 });
      await stop;
    },
  },
  "an interrupt": {
    changes: true,
    async act({ session, engine }): Promise<void> {
      const stop = session.wait();
      await engine.running();
      session.interrupt();
      await stop;
    },
  },
  "another program that comes up": {
    changes: true,
    async act({ session, engine }): Promise<void> {
      await launched(session, engine, OTHER);
    },
  },
  "what fails for the engine is lost": { changes: true, act: (scene) => fail(scene, "lost") },
  "what fails for another reason": { changes: false, act: (scene) => fail(scene, "failed") },
  "a look at modules": { changes: false, act: ({ program }) => program.modules() },
  "a look at a stack": { changes: false, act: ({ program }) => program.thread(1).stack() },
  "a look at registers": { changes: false, act: ({ program }) => program.thread(1).registers() },
  "a name": { changes: false, act: ({ program }) => program.nameAt(0x5000n) },
  "a variable": { changes: false, act: ({ program }) => program.variable("a!b").catch(() => {}) },
  "a type": { changes: false, act: ({ program }) => program.type("a!b").catch(() => {}) },
  "a look at locals": { changes: false, act: ({ program }) => program.thread(1).locals() },
  "a source line": { changes: false, act: ({ program }) => program.lineAt(0x5000n) },
  "an address": { changes: false, act: ({ program }) => program.addressOf("a!b") },
};

for (const [name, { changes, act }] of Object.entries(ACTS)) {
  Deno.test(`after ${name} memory is ${changes ? "read anew" : "still known"}`, async () => {
    const { session, engine } = fakeSession();
    await using _ = session;
    engine.answers.threads =
      engine.answers.modules =
      engine.answers.stack =
      engine.answers.breakpoints =
      engine.answers.locals =
      engine.answers.sourceLines =
        () => [];
    engine.answers.execute = () => ({ text: "", moved: false });
    const program = await launched(session, engine, 7);
    const state = { count: 1 };
    answerReads(engine, state);
    for (let time = 0; time < 4; time++) await program.memory.read(0x5ff8n, 8);
    assert.deepEqual(engine.takeLog().filter((line) => line.startsWith("read")).length, 2);
    state.count = 2;
    await act({ session, engine, program });
    engine.takeLog();
    assert.deepEqual(await program.memory.read(0x5008n, 2), new Uint8Array(2).fill(changes ? 2 : 1));
    assert.equal(engine.takeLog().length, changes ? 1 : 0);
  });
}

Deno.test("memory of a program that runs, or has left, is refused, however well it is known", async () => {
  const { session, engine } = fakeSession();
  await using _ = session;
  const program = await launched(session, engine, 7);
  answerReads(engine, { count: 1 });
  for (let time = 0; time < 4; time++) await program.memory.read(0x5000n, 8);
  const stop = session.wait();
  await engine.running();
  await assert.rejects(program.memory.read(0x5000n, 8), { kind: "running" });
  engine.stop({ kind: "event", event: event("exitProcess", 7, { exitCode: 0 }) });
  await engine.running();
  engine.stop({ kind: "ended" });
  await stop;
  await assert.rejects(program.memory.read(0x5000n, 8), { kind: "program-gone" });
});

Deno.test("what is read for another time is the caller's own, and uncached it comes from the engine", async () => {
  const { session, engine } = fakeSession();
  await using _ = session;
  const program = await launched(session, engine, 7);
  answerReads(engine, { count: 1 });
  for (let time = 0; time < 4; time++) (await program.memory.read(0x5000n, 8)).fill(0xff);
  assert.deepEqual(await program.memory.read(0x5000n, 8), new Uint8Array(8).fill(1));
  engine.takeLog();
  assert.deepEqual(await program.memory.read(0x5000n, 8, { uncached: true }), new Uint8Array(8).fill(1));
  assert.equal(engine.takeLog().length, 1);
  await assert.rejects(program.memory.read(0x5000n, 8, { uncached: 1 as never }), TypeError);
});

Deno.test("a page that is not the program's own is asked for once, and its bytes each time", async () => {
  const { session, engine } = fakeSession();
  await using _ = session;
  const program = await launched(session, engine, 7);
  engine.answers.read = (_focus, _address, length) => new Uint8Array(length);
  engine.answers.readWithPage = (_focus, _address, length) => ({ bytes: new Uint8Array(length), page: null });
  engine.takeLog();
  for (let time = 0; time < 4; time++) await program.memory.read(0x5000n, 8);
  assert.deepEqual(engine.takeLog().map((line) => line.split(" ")[0]), ["read", "readWithPage", "read", "read"]);
});

Deno.test("at most a MiB is kept of a program", async () => {
  const { session, engine } = fakeSession();
  await using _ = session;
  const program = await launched(session, engine, 7);
  answerReads(engine, { count: 1 });
  const readAll = async (first: number, end: number): Promise<number> => {
    engine.takeLog();
    for (let page = first; page < end; page++) await program.memory.read(BigInt(page * PAGE), 8);
    return engine.takeLog().length;
  };
  for (let time = 0; time < 2; time++) {
    for (let page = 1; page <= 300; page++) await readAll(page, page + 1).then(() => readAll(page, page + 1));
  }
  assert.equal(await readAll(45, 301), 0);
  assert.equal(await readAll(1, 2), 1);
});

Deno.test("who reads what is known again and again leaves the script's other tasks their turn", async () => {
  const { session, engine } = fakeSession();
  await using _ = session;
  const program = await launched(session, engine, 7);
  answerReads(engine, { count: 1 });
  let isDone = false;
  const timer = setTimeout(() => isDone = true, 0);
  for (let time = 0; time < 100_000 && !isDone; time++) await program.memory.read(0x5000n, 8);
  clearTimeout(timer);
  assert.ok(isDone);
});

/** Kinds of pages of the model. */
const KINDS = ["own", "own", "shared", "none", "own", "none"] as const;

/** An engine that does one call after another, each some time after it was asked for, as a worker or a host does. */
class ModelEngine {
  readonly memory = new Uint8Array(KINDS.length * PAGE);
  requests = 0;
  #queue: Promise<unknown> = Promise.resolve();
  #changes = 0;

  /** A long write goes in pieces, as to a host. */
  async call<K extends keyof EngineApi>(
    name: K,
    ...values: Parameters<EngineApi[K]>
  ): Promise<ReturnType<EngineApi[K]>> {
    if (name !== "write") return await this.#enqueue(name, values);
    const [focus, address, bytes] = values as Parameters<EngineApi["write"]>;
    await this.#enqueue("write", [focus, address, bytes.subarray(0, 4)]);
    return await this.#enqueue(name, [focus, address + 4n, bytes.subarray(4)]);
  }

  #enqueue<K extends keyof EngineApi>(name: K, values: readonly unknown[]): Promise<ReturnType<EngineApi[K]>> {
    this.requests++;
    const answer = this.#queue.then(async () => {
      for (let turn = 0; turn < this.requests % 3; turn++) await Promise.resolve();
      return this.#answer(name, values);
    });
    this.#queue = answer.catch(() => {});
    return answer as Promise<ReturnType<EngineApi[K]>>;
  }

  #answer(name: keyof EngineApi, values: readonly unknown[]): unknown {
    const [, address, given] = values as [Focus, bigint, number | Uint8Array];
    switch (name) {
      case "read":
        return this.#read(Number(address), given as number);
      case "readWithPage": {
        const start = Number(address) - Number(address) % PAGE;
        const isOwn = KINDS[start / PAGE] === "own";
        return { bytes: this.#read(Number(address), given as number), page: isOwn ? this.#read(start, PAGE) : null };
      }
      case "write":
        return this.memory.set(given as Uint8Array, Number(address));
      case "modules":
        return [];
      default: // the program runs, or a command writes
        this.#changes++;
        for (let at = this.#changes % 7; at < this.memory.length; at += 61) this.memory[at] = this.#changes;
        if (name === "evaluate") throw new EngineError("failed", "for a test");
    }
  }

  #read(address: number, length: number): Uint8Array<ArrayBuffer> {
    let done = 0;
    while (done < length && isThere(address + done)) done++;
    if (done < length) throw new EngineError("failed", `${done} of ${length} at ${address}`);
    return this.memory.slice(address, address + length);
  }
}

function isThere(address: number): boolean {
  return (KINDS[Math.floor(address / PAGE)] ?? "none") !== "none";
}

type Act =
  | { readonly kind: "read"; readonly address: number; readonly length: number }
  | { readonly kind: "write"; readonly address: number; readonly bytes: readonly number[] }
  | { readonly kind: "run" | "execute" | "evaluate" | "modules" | "rest" | "outside" };

const near = fc.tuple(fc.integer({ min: 0, max: KINDS.length }), fc.integer({ min: -12, max: 12 }));
const address = fc.oneof(
  near.map(([page, offset]) => Math.max(0, page * PAGE + offset)),
  fc.constantFrom(0x10, 0x1800, 0x2800),
);
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 40,
    arbitrary: fc.record({
      kind: fc.constant("read" as const),
      address,
      length: fc.constantFrom(0, 1, 8, 8, 8, 16, 4096, 4097, 9000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("write" as const),
      address: fc.constantFrom(0x10, 0x1800, 0xffc),
      bytes: fc.array(fc.nat(255), { minLength: 1, maxLength: 8 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom("rest" as const, "modules" as const, "outside" as const) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom("run" as const, "execute" as const, "evaluate" as const) }),
  },
);

/** What each act gave, bytes or an error. Who is not `patient` asks for all at once, up to the next `rest`. */
async function perform(
  acts: readonly Act[],
  isPatient: boolean,
  engine: ModelEngine,
  calls: Pick<ModelEngine, "call">,
): Promise<string[]> {
  const focus: Focus = { processId: 7 };
  const told: Promise<string>[] = [];
  const tell = (answer: Promise<unknown>): void =>
    void told.push(answer.then((value) => value instanceof Uint8Array ? value.toHex() : "", (error) => `${error}`));
  for (const act of acts) {
    if (act.kind === "read") tell(calls.call("read", focus, BigInt(act.address), act.length));
    else if (act.kind === "write") tell(calls.call("write", focus, BigInt(act.address), Uint8Array.from(act.bytes)));
    else if (act.kind === "run") tell(calls.call("run", "go"));
    else if (act.kind === "modules") tell(calls.call("modules", focus));
    else if (act.kind === "execute" || act.kind === "evaluate") tell(calls.call(act.kind, focus, "x"));
    if (isPatient || act.kind === "rest" || act.kind === "outside") {
      await Promise.all(told);
      if (act.kind === "outside") engine.memory.fill(told.length, 2 * PAGE, 3 * PAGE); // another process writes into what they share
    }
  }
  return await Promise.all(told);
}

const HISTORIES = 2_000;

Deno.test(`${HISTORIES} histories give the same bytes and errors as without a cache`, async () => {
  let saved = 0;
  const property = fc.asyncProperty(
    fc.array(act, { minLength: 20, maxLength: 60, size: "max" }),
    fc.boolean(),
    async (acts, isPatient) => {
      const [plain, cached] = [new ModelEngine(), new ModelEngine()];
      const expected = await perform(acts, isPatient, plain, plain);
      assert.deepEqual(await perform(acts, isPatient, cached, new PageCache(cached)), expected);
      saved += plain.requests - cached.requests;
    },
  );
  await fc.assert(property, { seed: 20261130, numRuns: HISTORIES });
  assert.ok(saved > HISTORIES, `only ${saved} requests were saved`);
});

Deno.test("a program's pages are not another one's", async () => {
  const { session, engine } = fakeSession();
  await using _ = session;
  const one = await launched(session, engine, 7);
  const other = await launched(session, engine, OTHER);
  engine.answers.read = ({ processId }, _address, length) => new Uint8Array(length).fill(processId);
  engine.answers.readWithPage = ({ processId }, _address, length) => ({
    bytes: new Uint8Array(length).fill(processId),
    page: new Uint8Array(PAGE).fill(processId),
  });
  for (let time = 0; time < 3; time++) {
    assert.deepEqual(await one.memory.read(MODULE.base, 1), Uint8Array.of(7));
    assert.deepEqual(await other.memory.read(MODULE.base, 1), Uint8Array.of(OTHER));
  }
});
