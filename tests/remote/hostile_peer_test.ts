/** What each side of the stream makes of another side that does not keep to the protocol. */
import assert from "node:assert/strict";
import type { ByteChannel } from "../../lib/remote/channel.ts";
import { VERSION } from "../../lib/remote/messages.ts";
import { frame } from "../../lib/remote/framing.ts";
import { RemoteConnection } from "../../lib/remote/remote_connection.ts";
import { MAX_CALLS, serveEngine } from "../../lib/remote/serve.ts";
import { EngineError } from "../../lib/session/errors.ts";
import { channelPair, FakeConnection, pair, until } from "./channel_support.ts";

/** What a side makes of bytes that the other one sends first. */
async function clientAgainst(bytes: Uint8Array<ArrayBuffer>): Promise<unknown> {
  const [here, there] = channelPair();
  const client = new RemoteConnection(here, { name: "host" });
  there.writable.getWriter().write(bytes).catch(() => {});
  return await client.call("close").catch((error) => error);
}

const GREETINGS: readonly (readonly [string, Uint8Array<ArrayBuffer>, RegExp])[] = [
  [
    "another version",
    frame('{"hello":"latch","version":99}'),
    new RegExp(`version 99 of the protocol, this side ${VERSION}: use one release`),
  ],
  ["another program", frame('{"hi":1}'), /it did not greet/],
  ["no JSON", frame("hello"), /it is no JSON/],
  ["null", frame("null"), /it did not greet/],
];

for (const [title, bytes, message] of GREETINGS) {
  Deno.test(`a greeting of ${title} is refused with the reason`, async () => {
    const error = await clientAgainst(bytes);
    assert.ok(error instanceof EngineError, String(error));
    assert.match(error.message, message);
  });
}

/** Why a host ended when it was sent messages after the greeting. */
async function hostAgainst(
  send: (writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>) => void,
): Promise<string> {
  const [here, there]: [ByteChannel, ByteChannel] = channelPair();
  const over = serveEngine(there, new FakeConnection({ run: () => new Promise(() => {}) }, () => {}));
  here.readable.pipeTo(new WritableStream()).catch(() => {});
  const writer = here.writable.getWriter();
  writer.write(frame(JSON.stringify({ hello: "latch", version: VERSION }))).catch(() => {});
  send(writer);
  return await over;
}

const MALFORMED = [
  "null",
  "1",
  '"text"',
  "[]",
  "{}",
  '{"id":1}',
  '{"id":"1","call":"close","values":[]}',
  '{"id":1,"call":"close"}',
];

for (const text of MALFORMED) {
  Deno.test(`a message ${text} ends the service`, async () => {
    assert.match(
      await hostAgainst((writer) => void writer.write(frame(text)).catch(() => {})),
      /no message of Latch's/,
    );
  });
}

Deno.test("a flood of calls ends the service", async () => {
  const reason = await hostAgainst((writer) => {
    for (let id = 0; id <= MAX_CALLS; id++) {
      writer.write(frame(`{"id":${id},"call":"run","values":["go"]}`)).catch(() => {});
    }
  });
  assert.match(reason, /more than 256 calls/);
});

Deno.test("long calls that wait, more of them than a host keeps, end the service", async () => {
  const text = "x".repeat(5 << 20);
  const reason = await hostAgainst((writer) => {
    writer.write(frame('{"id":0,"call":"run","values":["go"]}')).catch(() => {});
    for (let id = 1; id <= 7; id++) {
      writer.write(frame(`{"id":${id},"call":"execute","values":["${text}"]}`)).catch(() => {});
    }
  });
  assert.match(reason, /the calls that wait have more than 32 MB/);
});

Deno.test("a client that asks and does not read what is answered gets no more answers until it does", async () => {
  const [here, there] = channelPair();
  let answered = 0;
  const over = serveEngine(there, new FakeConnection({ execute: () => `${++answered}`.padEnd(1 << 16) }));
  const writer = here.writable.getWriter();
  await writer.write(frame(JSON.stringify({ hello: "latch", version: VERSION })));
  for (let id = 1; id <= 100; id++) await writer.write(frame(`{"id":${id},"call":"execute","values":[]}`));
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setTimeout(resolve));
  assert.ok(answered < 5, `${answered} answers that nobody reads`);
  const reading = here.readable.pipeTo(new WritableStream());
  await until(() => answered === 100, "all are answered to one who reads");
  await writer.close();
  await over;
  await reading;
});

Deno.test("an interrupt without a run is nobody's, and does not stop a later one", async () => {
  const [here, there] = channelPair();
  const runs = [{ kind: "break", processId: 7, threadId: 1 }];
  const engine = new FakeConnection({ run: () => runs.pop() });
  const over = serveEngine(there, engine);
  const reading = here.readable.pipeTo(new WritableStream());
  const writer = here.writable.getWriter();
  await writer.write(frame(JSON.stringify({ hello: "latch", version: VERSION })));
  await writer.write(frame('{"interrupt":true}'));
  await writer.write(frame('{"id":1,"call":"run","values":["go"]}'));
  await until(() => runs.length === 0, "it runs");
  assert.deepEqual(engine.log, ["run go 1000"]);
  await writer.close();
  await over;
  await reading;
});

for (const call of ["constructor", "onNotice", "__proto__", "dispose", "nothing"]) {
  Deno.test(`${call} is no call of the engine`, async () => {
    const { client, engine, over } = pair();
    await assert.rejects(client.call(call as "close"), {
      name: "TypeError",
      message: `The engine has no call "${call}"`,
    });
    assert.deepEqual(engine.log, []);
    client.dispose();
    await over;
  });
}
