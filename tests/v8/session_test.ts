/** Script runtimes in a session: the first way, by an engine that is inside the program. */
import assert from "node:assert/strict";
import { SessionManager } from "../../lib/session/session.ts";
import { InspectorPortSupplier } from "../../lib/v8/supplier.ts";
import { command, end, freeAddress, inspected, runtimes, sizeOf, start, until, untilListening } from "./support.ts";

function newSession(): SessionManager {
  return new SessionManager({ watchExit: false }, {
    engines: {},
    ports: [new InspectorPortSupplier()],
    local: { address: "v8", engineId: "v8" },
  });
}

function namesIn(session: SessionManager, kind: "call" | "event"): string[] {
  const names = session.trace.filter((entry) => entry.kind === kind).map(({ name }) => name);
  return names.filter((name, index) => name !== "loadModule" || names[index - 1] !== name);
}

const ARRIVAL = ["engineCreate", "createProcess", "programCreate", "loadModule", "loadComplete"];

for (const runtime of runtimes) {
  Deno.test(`${runtime}: a session attaches by the program's own engine, none is loaded, and detach lets it go on`, async () => {
    const address = freeAddress();
    const file = await Deno.makeTempFile();
    const child = start(inspected(runtime, `--inspect=${address}`, "idle.mjs", file));
    await untilListening(address);
    const session = newSession();
    session.on("loadModule", () => {});
    const port = await session.connect(address);
    for (let round = 1; round <= 2; round++) {
      const program = await session.attach(child.pid, { port });
      assert.equal(session.trace[0]?.name, "onAttach");
      assert.deepEqual(namesIn(session, "call").slice(-1), ["onAttach"]);
      assert.deepEqual(namesIn(session, "event").slice(-ARRIVAL.length), ARRIVAL);
      assert.deepEqual([program.reason, program.state, program.pid], ["user", "stopped", child.pid]);
      assert.deepEqual([...session.programs.keys()], [program.id]);
      await program.detach();
      assert.deepEqual([session.programs.size, program.end?.reason], [0, "detached"]);
      assert.equal(namesIn(session, "event").filter((name) => name === "programDestroy").length, round);
      const size = sizeOf(file);
      await until("the program goes on", () => sizeOf(file) > size);
    }
    assert.ok(!namesIn(session, "event").includes("entryPoint"));
    await session[Symbol.asyncDispose]();
    await end(child);
    await Deno.remove(file);
  });

  Deno.test(`${runtime}: a session launches, and the program's code runs when the last handler has answered`, async () => {
    const file = await Deno.makeTempFile();
    const session = newSession();
    const order: string[] = [];
    for (const name of ["engineCreate", "programCreate", "loadComplete", "entryPoint", "programDestroy"] as const) {
      session.on(name, async () => {
        if (name !== "programDestroy") {
          await new Promise((resolve) => setTimeout(resolve, 300));
          assert.equal(sizeOf(file), 0, `at ${name}`);
        }
        order.push(name);
      });
    }
    const program = await session.launch(command(runtime, "writes.mjs", file));
    assert.equal(session.trace[0]?.name, "onAttach");
    assert.equal((await program.run()).reason, "exited");
    assert.ok(sizeOf(file) > 0);
    assert.deepEqual(order, ["engineCreate", "programCreate", "loadComplete", "entryPoint", "programDestroy"]);
    await session[Symbol.asyncDispose]();
    await Deno.remove(file);
  });
}
