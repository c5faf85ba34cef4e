/** Process servers through the guard: their addresses, their handles, and which of them a list names. */
import assert from "node:assert/strict";
import { attach, engine, guard } from "./guard_support.ts";

Deno.test("a handle of a process server is the script's own, and a guess is refused", async () => {
  const fake = engine();
  const { call } = guard(fake, ["--allow-connect=lab7:5005", "--allow-attach"]);
  const server = await call("connectServer", "tcp:server=lab7,port=5005");
  assert.equal(server, 1n);
  await call("processes", server);
  assert.equal(fake.log.at(-1), `processes ${0x1234}`);
  for (const guess of [0x1234n, 2n]) {
    await assert.rejects(call("processes", guess), { name: "StateError" });
    await assert.rejects(call("attach", attach(7, guess)), { name: "StateError" });
    await assert.rejects(call("disconnectServer", guess), { name: "StateError" });
  }
  await assert.rejects(call("endServer", server), { message: /^Requires terminate access to "lab7:5005"/ });
  await call("disconnectServer", server);
  await assert.rejects(call("processes", server), { name: "StateError" });
});

const ADDRESSES = [
  "npipe:server=lab7,pipe=x",
  "tcp:clicon=lab7,port=5005",
  "tcp:server=lab7,port=5005,server=evil",
  "lab7:5005",
];

for (const options of ADDRESSES) {
  Deno.test(`a list of servers does not cover "${options}"`, async () => {
    await assert.rejects(
      guard(engine(), ["--allow-connect=lab7:5005"]).call("connectServer", options),
      Deno.errors.NotCapable,
    );
    await guard(engine(), ["--allow-connect"]).call("connectServer", options);
    const denied = guard(engine(), ["--allow-connect", "--deny-connect=lab8"]);
    await assert.rejects(denied.call("connectServer", options), Deno.errors.NotCapable);
  });
}

const SERVERS: readonly (readonly [list: string, server: string, port: string, covers: boolean])[] = [
  ["lab7:5005", "lab7", "5005", true],
  ["LAB7:05005", "lab7", "5005", true],
  ["lab7", "LAB7", "05005", true],
  ["lab7", "lab7", "5006", true],
  ["lab7:5005", "lab7", "5006", false],
  ["lab7:5005", "lab7", "500", false],
  ["lab7:500", "lab7", "5005", false],
  ["lab7:5005", "lab7", "50055", false],
  ["lab7:5005", "lab70", "5005", false],
  ["lab70:5005", "lab7", "5005", false],
  ["lab70", "lab7", "5005", false],
  ["lab7", "lab70", "5005", false],
  ["lab7", "lab7.evil.example", "5005", false],
  ["lab7", "xlab7", "5005", false],
  ["lab7.evil.example:5005", "lab7", "5005", false],
  ["127.0.0.1", "127.0.0.11", "5005", false],
  ["127.0.0.1:5005", "127.0.0.1", "5005", true],
  ["a,lab7:1,b", "lab7", "5005", false],
];

for (const [list, host, port, covers] of SERVERS) {
  Deno.test(`a list with ${list} ${covers ? "covers" : "does not cover"} the process server ${host}:${port}`, async () => {
    const server = `tcp:server=${host},port=${port}`;
    const tell = async (flags: string[], end = false): Promise<string> => {
      const { call } = guard(engine(), flags);
      const connected = call("connectServer", server);
      return await (end ? connected.then((handle) => call("endServer", handle)) : connected)
        .then(() => "granted", (error: unknown) => `${error}`);
    };
    const named = `"${host.toLowerCase()}:${Number(port)}"`;
    for (const [right, end] of [["connect", false], ["terminate", true]] as const) {
      const needed = `NotCapable: Requires ${right} access to ${named}, run again with --allow-${right}=`;
      const forbidden = `NotCapable: Requires ${right} access to ${named}, which --deny-${right}=`;
      const others = end ? ["--allow-connect"] : [];
      const allowed = await tell([...others, `--allow-${right}=${list}`], end);
      const denied = await tell([...others, `--allow-${right}`, `--deny-${right}=${list}`], end);
      assert.ok(covers ? allowed === "granted" : allowed.startsWith(needed), allowed);
      assert.ok(covers ? denied.startsWith(forbidden) : denied === "granted", denied);
    }
  });
}
