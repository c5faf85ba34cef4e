/** What becomes of a script's end when a process came up that was not the one that was granted. */
import assert from "node:assert/strict";
import type { EngineStop } from "../../lib/dbgeng/engine_api.ts";
import { RemoteConnection } from "../../lib/remote/remote_connection.ts";
import { serveEngine } from "../../lib/remote/serve.ts";
import { EngineError } from "../../lib/session/errors.ts";
import { channelPair, type FakeConnection } from "../remote/channel_support.ts";
import { attach, created, engine, guard, launch } from "./guard_support.ts";

/** A script, and its host: programs that nothing happens to run on. */
function served(stops: EngineStop[]): { client: RemoteConnection; fake: FakeConnection; over: Promise<string> } {
  const expired = (): Promise<EngineStop> =>
    new Promise((resolve) => setTimeout(() => resolve({ kind: "expired" }), 20));
  const fake = engine([], { run: () => stops.shift() ?? expired() });
  const { guarded } = guard(fake, ["--allow-attach=app.exe", "--allow-launch=run.exe"]);
  const [here, there] = channelPair();
  return { client: new RemoteConnection(here, { name: "host" }), fake, over: serveEngine(there, guarded) };
}

Deno.test("a host that refused what came up does not wait for it to come up, but lets the other programs go", async () => {
  const { client, fake, over } = served([created(100, "run.exe"), created(7, "lsass.exe")]);
  await client.call("launch", launch("run.exe") as never);
  await client.call("run", "go");
  await client.call("attach", attach(7) as never);
  await assert.rejects(client.call("run", "go"), { message: /^Requires attach access to "lsass.exe"/ });
  fake.log.length = 0;
  client.dispose();
  await over;
  assert.deepEqual(fake.log, ["terminate 100", "close", "dispose"]);
});

Deno.test("an attach to a number that was refused once is brought up before it is let go", async () => {
  const { client, fake, over } = served([created(7, "lsass.exe"), created(7, "app.exe")]);
  await client.call("attach", attach(7) as never);
  await assert.rejects(client.call("run", "go"), { message: /^Requires attach access to "lsass.exe"/ });
  await client.call("attach", attach(7) as never);
  fake.log.length = 0;
  client.dispose();
  await over;
  assert.deepEqual(fake.log, ["run go 1000", "detach 7", "close", "dispose"]);
});

Deno.test("a launch that nobody waited for is brought up, and ended", async () => {
  const { client, fake, over } = served([created(100, "run.exe")]);
  await client.call("launch", launch("run.exe") as never);
  fake.log.length = 0;
  client.dispose();
  await over;
  assert.deepEqual(fake.log, ["run go 1000", "terminate 100", "close", "dispose"]);
});

Deno.test("a launch that failed is not waited for", async () => {
  const failed = (): never => {
    throw new EngineError("failed", "no");
  };
  const [here, there] = channelPair();
  const fake = engine([], { run: failed });
  const { guarded } = guard(fake, ["--allow-launch=run.exe"]);
  const client = new RemoteConnection(here, { name: "host" });
  const over = serveEngine(there, guarded);
  await client.call("launch", launch("run.exe") as never);
  await assert.rejects(client.call("run", "go"), EngineError);
  fake.log.length = 0;
  client.dispose();
  await over;
  assert.deepEqual(fake.log, ["close", "dispose"]);
});

for (const [what, status] of [["is none", "bogus"], ["the script may not do", "stepInto"]] as const) {
  Deno.test(`a run that ${what} is no end of an attach that is under way`, async () => {
    const { client, fake, over } = served([created(7, "app.exe")]);
    await client.call("attach", attach(7) as never);
    await assert.rejects(client.call("run", status as never));
    fake.log.length = 0;
    client.dispose();
    await over;
    assert.deepEqual(fake.log, ["run go 1000", "detach 7", "close", "dispose"]);
  });
}
