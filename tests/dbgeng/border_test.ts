/** The border between two real threads: whatever the order of sleeps, requests and answers, each is got once and in order. */
import assert from "node:assert/strict";
import { CallerBorder, newDoors } from "../../lib/dbgeng/thread/border.ts";
import type { EngineMessage, EngineRequest } from "../../lib/dbgeng/thread/messages.ts";
import { count } from "../count.ts";
import { random } from "../random.ts";

/** A caller of `border_worker.ts`, which keeps what comes. */
class Caller implements Disposable {
  readonly #worker = new Worker(new URL("./border_worker.ts", import.meta.url), { type: "module" });
  readonly #border: CallerBorder;
  readonly #waiting = new Map<number, (value: unknown) => void>();
  readonly got: EngineMessage[] = [];
  #lastId = 0;

  constructor() {
    const doors = newDoors();
    this.#worker.onmessage = ({ data }: MessageEvent<EngineMessage>) => this.#receive(data);
    this.#worker.postMessage(doors);
    this.#border = new CallerBorder(doors, (request: EngineRequest) => this.#worker.postMessage(request));
  }

  /** Makes a call; whether it was answered at once, and its answer. */
  call(patience: number, ...values: unknown[]): { readonly isAnswered: boolean; readonly answer: Promise<unknown> } {
    const id = ++this.#lastId;
    const answer = new Promise<unknown>((resolve) => this.#waiting.set(id, resolve));
    const message = this.#border.call({ id, name: "read", values }, this.#waiting.size === 1 ? patience : 0);
    if (message) this.#receive(message);
    return { isAnswered: message !== undefined, answer };
  }

  #receive(message: EngineMessage): void {
    this.got.push(message);
    if ("notice" in message) return;
    assert.ok("value" in message);
    this.#waiting.get(message.id)?.(message.value);
    this.#waiting.delete(message.id);
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}

/** What came, answers by their ids, and notices by those of their calls with their numbers. */
function order(got: readonly EngineMessage[]): string[] {
  return got.map((message) =>
    "notice" in message ? `${message.notice.processId}.${message.notice.threadId}` : `${message.id}`
  );
}

Deno.test("calls are answered at once by a thread that sleeps at its door, else by a message", async () => {
  using caller = new Caller();
  await caller.call(0, 0, 0).answer; // now it is awake, and stays at its door for a moment
  const quick = caller.call(1_000, 0, 0);
  assert.ok(quick.isAnswered);
  const noticed = caller.call(1_000, 0, 1);
  assert.ok(!noticed.isAnswered, "a notice comes first");
  await noticed.answer;
  const slow = caller.call(1, 30, 0);
  assert.ok(!slow.isAnswered);
  await slow.answer;
  const long = "x".repeat(100_000);
  const wide = caller.call(1_000, 0, 0, long);
  assert.deepEqual(await wide.answer, [0, 0, long]);
  assert.deepEqual(order(caller.got), ["1", "2", "3.0", "3", "4", "5"]);
});

Deno.test("calls of any length, some at once, some with others under way, are answered once each and in order", async () => {
  for (let seed = 1; seed <= count(4, 40); seed++) {
    const next = random(seed);
    using caller = new Caller();
    const expected: string[] = [];
    const answers: Promise<unknown>[] = [];
    for (let id = 1; id <= 1_500; id++) {
      const notices = next() < 0.1 ? 1 + Math.floor(2 * next()) : 0;
      const milliseconds = next() < 0.05 ? 3 * next() : next() < 0.3 ? 0.2 * next() : 0;
      const text = next() < 0.02 ? "x".repeat(40_000) : "y";
      for (let notice = 0; notice < notices; notice++) expected.push(`${id}.${notice}`);
      expected.push(`${id}`);
      const { answer } = caller.call(next() < 0.5 ? 2 * next() : 0, milliseconds, notices, text);
      answers.push(answer);
      if (next() < 0.6) assert.deepEqual(await answer, [milliseconds, notices, text]);
      if (next() < 0.02) await new Promise((resolve) => setTimeout(resolve, 40 * next()));
    }
    await Promise.all(answers);
    assert.deepEqual(order(caller.got), expected, `seed ${seed}`);
  }
});

Deno.test("a thread that has ended keeps nobody waiting beyond its patience", async () => {
  const caller = new Caller();
  await caller.call(0, 0, 0).answer;
  caller[Symbol.dispose]();
  const begin = performance.now();
  for (let call = 0; call < 20; call++) caller.call(5, 0, 0);
  assert.ok(performance.now() - begin < 1_000);
});
