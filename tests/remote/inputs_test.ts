/** Inputs of launched programs across a stream: in order, one piece at a time, with their end, and no more than a host keeps. */
import assert from "node:assert/strict";
import type { EngineInput, EngineLaunch } from "../../lib/dbgeng/engine_api.ts";
import { frame } from "../../lib/remote/framing.ts";
import { VERSION } from "../../lib/remote/messages.ts";
import { RemoteConnection } from "../../lib/remote/remote_connection.ts";
import { serveEngine } from "../../lib/remote/serve.ts";
import { INPUT_PIECE } from "../../lib/session/input.ts";
import { someBytes } from "../inputs.ts";
import { channelPair, FakeConnection, until } from "./channel_support.ts";

const LAUNCH: EngineLaunch = {
  ...{ server: 0n, commandLine: "app.exe", directory: null, environment: [], clearEnvironment: false, children: [] },
};

/** An engine whose inputs keep what they are given, and take it when the test says so. */
class Inputs extends FakeConnection {
  readonly given: Uint8Array[] = [];
  readonly told: string[] = [];
  #take: ((isRead: boolean) => void) | undefined;
  #last = 100;

  /** Whether a piece waits to be taken. */
  get waits(): boolean {
    return this.#take !== undefined;
  }

  openInput(): EngineInput {
    const id = ++this.#last;
    return {
      id,
      launched: () => void this.told.push(`launched ${id}`),
      close: () => void this.told.push(`end ${id}`),
      write: (bytes) => {
        this.given.push(bytes.slice());
        return new Promise((resolve) => this.#take = resolve);
      },
    };
  }

  take(isRead: boolean): void {
    const take = this.#take;
    this.#take = undefined;
    take?.(isRead);
  }
}

/** An engine with a program that runs for ever, served to a client. */
function running(answers = {}): { engine: Inputs; client: RemoteConnection; over: Promise<string> } {
  const [here, there] = channelPair();
  const stopped = Promise.withResolvers<unknown>();
  const engine = new Inputs({ run: () => stopped.promise, ...answers }, () => stopped.resolve({ kind: "ended" }));
  return { engine, over: serveEngine(there, engine), client: new RemoteConnection(here, { name: "host" }) };
}

/** Opens an input and launches a program that reads it, which runs then. */
async function launched(client: RemoteConnection): Promise<EngineInput> {
  const input = client.openInput();
  await client.call("launch", { ...LAUNCH, input: input.id });
  client.call("run", "go").catch(() => {});
  return input;
}

Deno.test("pieces of an input come in order while a call is under way, each when the last one was taken, and then the end", async () => {
  const launches: EngineLaunch[] = [];
  const { engine, client, over } = running({ launch: (launch: EngineLaunch) => void launches.push(launch) });
  const input = await launched(client);
  assert.deepEqual([launches.map(({ input }) => input), engine.told], [[101], ["launched 101"]]);
  const pieces = [someBytes(INPUT_PIECE), someBytes(1), new Uint8Array(700).fill(255)];
  for (const [at, piece] of pieces.entries()) {
    let isTaken = false;
    const written = input.write(piece).then((isRead) => isTaken = isRead);
    await until(() => engine.given.length === at + 1 && engine.waits, "the piece is there");
    assert.equal(isTaken, false);
    engine.take(true);
    assert.equal(await written, true);
  }
  input.close();
  await until(() => engine.told.includes("end 101"), "the end is told");
  assert.deepEqual(engine.given, pieces);
  client.dispose();
  await over;
});

Deno.test("a program that reads no more is told to who writes, and so is a host that has gone", async () => {
  const { engine, client } = running();
  const input = await launched(client);
  const first = input.write(someBytes(10));
  await until(() => engine.waits, "the piece is there");
  engine.take(false);
  assert.equal(await first, false);
  const second = input.write(someBytes(10));
  await until(() => engine.waits, "the next piece is there");
  client.dispose();
  assert.deepEqual([await second, await input.write(someBytes(1))], [false, false]);
});

Deno.test("the host ends the inputs of a client that has gone, and of a launch that failed", async () => {
  const { engine, client, over } = running({
    launch: ({ commandLine }: EngineLaunch) => {
      if (commandLine === "no.exe") throw new Error("there is no such program");
    },
  });
  const refused = client.openInput();
  await assert.rejects(client.call("launch", { ...LAUNCH, commandLine: "no.exe", input: refused.id }));
  assert.deepEqual(engine.told, ["end 101", "launched 101"]);
  await launched(client);
  client.dispose();
  await over;
  assert.deepEqual(engine.told.slice(2), ["launched 102", "end 102"]);
});

Deno.test("an engine without inputs says so", async () => {
  const [here, there] = channelPair();
  const over = serveEngine(there, new FakeConnection());
  const client = new RemoteConnection(here, { name: "host" });
  const { id } = client.openInput();
  await assert.rejects(client.call("launch", { ...LAUNCH, input: id }), { name: "AttachError", kind: "not-supported" });
  client.dispose();
  await over;
});

const launch = (input: unknown): string =>
  JSON.stringify({ id: 1, call: "launch", values: [{ ...LAUNCH, server: { $bigint: "0" }, input }] });
const piece = (length: number, input: unknown = 1): string =>
  JSON.stringify({ input, bytes: { $bytes: new Uint8Array(length).toBase64() } });

const TOO_MUCH: Readonly<Record<string, readonly [RegExp, ...(readonly string[])]>> = {
  "two pieces at once": [/came before the last one was taken/, launch(1), piece(INPUT_PIECE), piece(INPUT_PIECE)],
  "two small pieces at once": [/came before the last one was taken/, launch(1), piece(1), piece(1)],
  "a piece that is too long": [/a piece of input is none/, launch(1), piece(INPUT_PIECE + 1)],
  "a piece that is far too long": [/lacks its id/, launch(1), piece(4 * INPUT_PIECE)],
  "a piece of no input": [/a piece of input is of none/, launch(1), piece(1, 7)],
  "a piece of an input that has ended": [/of none/, launch(1), '{"input":1,"bytes":null}', piece(1)],
  "what are no bytes": [/a piece of input is none/, launch(1), '{"input":1,"bytes":"text"}'],
  "a list of many": [/a message has more than/, launch(1), `{"input":1,"bytes":[${"1,".repeat(12_000)}1]}`],
};

for (const [title, [reason, ...messages]] of Object.entries(TOO_MUCH)) {
  Deno.test(`a host ends a client that sends ${title}`, async () => {
    const [here, there] = channelPair();
    const over = serveEngine(there, new Inputs());
    const reading = here.readable.pipeThrough(new TextDecoderStream()).getReader();
    const writer = here.writable.getWriter();
    writer.write(frame(JSON.stringify({ hello: "latch", version: VERSION }))).catch(() => {});
    const [first = "", ...rest] = messages;
    writer.write(frame(first)).catch(() => {});
    for (let text = ""; !text.includes('"id":1');) text += (await reading.read()).value ?? "";
    for (const message of rest) writer.write(frame(message)).catch(() => {});
    reading.read().catch(() => {});
    assert.match(await over, reason);
    await reading.cancel();
  });
}

Deno.test("an input that is no number, or another program's, is refused", async () => {
  const { client, over } = running();
  const wrong = [-0.5, "1", null, {}].map((input) => client.call("launch", { ...LAUNCH, input: input as never }));
  for (const launched of wrong) {
    await assert.rejects(launched, { name: "TypeError", message: /its input is no number/ });
  }
  const input = client.openInput();
  await client.call("launch", { ...LAUNCH, input: input.id });
  await assert.rejects(client.call("launch", { ...LAUNCH, input: input.id }), /its input is another program's/);
  client.dispose();
  await over;
});

Deno.test("a client that takes no receipts is ended, and holds little", async () => {
  const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
  let taken = 0;
  // The greeting and the answer of the launch are taken, and nothing after them.
  const sink = { write: () => ++taken < 3 ? Promise.resolve() : new Promise<void>(() => {}) };
  const engine = new FakeConnection();
  const input: EngineInput = { id: 1, launched: () => {}, close: () => {}, write: () => Promise.resolve(true) };
  const over = serveEngine(
    { readable, writable: new WritableStream(sink) },
    Object.assign(engine, { openInput: () => input }),
  );
  const writer = writable.getWriter();
  const messages = [JSON.stringify({ hello: "latch", version: VERSION }), launch(1)];
  for (const text of messages) await writer.write(frame(text));
  await until(() => taken === 2, "the program is launched");
  let pieces = 0;
  const flood = async (): Promise<void> => {
    for (; pieces < 1_000; pieces++) await writer.write(frame(piece(0)));
  };
  flood().catch(() => {});
  assert.match(await over, /came before the last one was taken/);
  assert.ok(pieces < 10, `${pieces} pieces`);
});
