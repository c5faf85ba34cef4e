/** What handlers and loops over events do to a program: their answers, their failures, and how they come and go. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type DebugEvent, DebugSession, type ExecutionStatus, HandlerError, type Stop } from "../../mod.ts";
import { grows, startHeartbeat } from "./heartbeat_support.ts";
import { debuggee, engineFolder, hostings, keepEngine, scratch, until } from "./support.ts";

keepEngine();

const OWN_CODE = 0xe0001234;

/** The stop's event; fails when it is none. */
function eventOf(stop: Stop): DebugEvent {
  assert.equal(stop.reason, "event");
  assert.ok(stop.reason === "event");
  return stop.event;
}

for (const hosting of hostings) {
  const newSession = (handlerDeadline?: number): DebugSession =>
    new DebugSession({
      hosting,
      engine: engineFolder(),
      ...(handlerDeadline === undefined ? {} : { handlerDeadline }),
    });

  Deno.test(`a handler (${hosting}) that answers break has wait() return its event, with the program held there`, async () => {
    await using session = newSession();
    session.on("loadModule", ({ module }) => module.name === "plugin" ? "break" : undefined);
    const program = await session.launch([debuggee("modules.exe"), "3"]);
    for (let round = 0; round < 3; round++) {
      const event = eventOf(await session.wait());
      assert.ok(event.type === "loadModule" && event.module.name === "plugin" && event.program === program);
      assert.ok(Object.isFrozen(event));
      assert.ok((await program.modules()).some(({ base }) => base === event.module.base));
    }
    assert.deepEqual(await session.wait(), { reason: "ended" });
    assert.deepEqual(program.end, { reason: "exited", exitCode: 7 });
  });

  const answers: readonly [string, readonly (ExecutionStatus | undefined)[], string][] = [
    ["nothing", [undefined], "handled by itself"],
    ["noChange", ["noChange"], "handled by itself"],
    ["goNotHandled", ["goNotHandled"], "handled by itself"],
    ["goHandled and goNotHandled", ["goHandled", "goNotHandled", "go"], "handled by itself"],
    ["goHandled", ["goHandled"], "again and again"],
    ["break and the rest", ["go", "break", "goHandled"], "stopped"],
  ];
  for (const [title, statuses, outcome] of answers) {
    Deno.test(`of handlers (${hosting}) that answer ${title} to an exception, the least execution wins`, async () => {
      await using session = newSession();
      let seen = 0;
      const order: number[] = [];
      statuses.forEach((status, index) =>
        session.on("exception", async ({ code }) => {
          assert.equal(code, 0xc0000005);
          order.push(index);
          if (index === 0) seen++;
          await Promise.resolve();
          return seen > 3 ? "break" : status; // a fault that is called handled comes again
        })
      );
      const program = await session.launch([debuggee("crash.exe"), "--handled"]);
      const stop = await session.wait();
      assert.deepEqual(order.slice(0, statuses.length), statuses.map((_, index) => index), "one after another");
      if (outcome === "handled by itself") {
        assert.deepEqual([stop, program.end], [{ reason: "ended" }, { reason: "exited", exitCode: 3 }]);
      } else {
        assert.equal(eventOf(stop).type, "exception");
        assert.equal(seen, outcome === "stopped" ? 1 : 4);
      }
    });
  }

  Deno.test(`goHandled (${hosting}) takes an exception from the program, which then counts none`, async () => {
    await using session = newSession();
    session.on("exception", ({ code }) => code === OWN_CODE ? "goHandled" : undefined);
    const program = await session.launch([debuggee("exceptions.exe"), "5"]);
    assert.deepEqual(await session.wait(), { reason: "ended" });
    assert.deepEqual(program.end, { reason: "exited", exitCode: 1 });
  });

  Deno.test(`a step (${hosting}) that a handler answers stops behind one instruction`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("crash.exe"), "--handled"]);
    await program.execute("bp crash!inner");
    let at = 0n;
    program.on("breakpoint", ({ address }) => {
      at = address;
      return "stepInto";
    });
    const stop = await session.wait();
    assert.equal(stop.reason, "break");
    const here = await program.evaluate("@rip");
    assert.ok(here > at && here < at + 16n, `${here}`);
  });

  Deno.test(`a handler (${hosting}) that throws is told of, and the program goes on`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("modules.exe"), "2"]);
    const cause = new RangeError("two\nlines");
    let calls = 0;
    const fail = (): never => {
      calls++;
      throw cause;
    };
    session.on("unloadModule", fail);
    await assert.rejects(session.wait(), (error) => {
      assert.ok(error instanceof HandlerError);
      assert.deepEqual([error.event, error.timedOut, error.cause], ["unloadModule", false, cause]);
      assert.match(error.message, /^The handler of "unloadModule" threw RangeError: two lines; the program goes on$/);
      return true;
    });
    session.off("unloadModule", fail);
    const stop = await session.wait().catch((error) => error); // one that came before off() is kept for this wait
    if (stop instanceof HandlerError) await session.wait();
    else assert.deepEqual(stop, { reason: "ended" });
    await program.ended;
    assert.deepEqual(program.end, { reason: "exited", exitCode: 7 });
    assert.ok(calls >= 1);
  });

  Deno.test(`a handler (${hosting}) that answers nonsense is told of`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("stubborn.exe")]);
    program.on("exitProcess", () => "stop" as never);
    await assert.rejects(session.wait(), (error) => {
      assert.ok(error instanceof HandlerError);
      assert.match(error.message, /stop is no execution status/);
      return true;
    });
    assert.deepEqual(await program.ended, { reason: "exited", exitCode: 5 });
  });

  Deno.test(`a handler (${hosting}) that hangs is cut off at the deadline, and the program goes on`, async () => {
    await using session = newSession(100);
    const program = await session.launch([debuggee("stubborn.exe")]);
    const hanging = Promise.withResolvers<void>();
    program.on("exitProcess", () => hanging.promise);
    await assert.rejects(session.wait(), (error) => {
      assert.ok(error instanceof HandlerError);
      assert.deepEqual([error.event, error.timedOut], ["exitProcess", true]);
      assert.match(error.message, /0\.1 s.*handlerDeadline/);
      return true;
    });
    assert.deepEqual(await program.ended, { reason: "exited", exitCode: 5 });
    hanging.resolve(); // comes too late, and harms nobody
    await session.launch([debuggee("stubborn.exe")]);
    assert.deepEqual(await session.wait(), { reason: "ended" });
  });

  Deno.test(`a handler (${hosting}) that hangs holds an attached program no longer, which can be detached then`, async () => {
    await using beat = startHeartbeat("--raise");
    await grows(beat);
    await using session = newSession(100);
    const program = await session.attach(beat.pid);
    let calls = 0;
    program.on("exception", () => ++calls === 1 ? new Promise<never>(() => {}) : undefined);
    await assert.rejects(session.wait(), (error) => error instanceof HandlerError && error.timedOut);
    const ended = session.wait();
    await grows(beat);
    assert.ok(calls > 1, "its next event has come");
    await program.detach();
    assert.deepEqual(await ended, { reason: "ended" });
    await grows(beat);
  });

  Deno.test(`handlers (${hosting}) come and go: off(), a signal, a program's own`, async () => {
    await using session = newSession();
    const counts = { session: 0, off: 0, signal: 0, program: 0 };
    const controller = new AbortController();
    const off = (): void => {
      if (++counts.off === 2) session.off("loadModule", off);
    };
    const signalled = (): void => {
      if (++counts.signal === 3) controller.abort();
    };
    session.on("loadModule", () => void counts.session++).on("loadModule", off);
    session.on("loadModule", signalled, { signal: controller.signal });
    session.on("loadModule", () => assert.fail("its signal had aborted"), { signal: AbortSignal.abort() });
    const first = await session.launch([debuggee("modules.exe"), "5"]);
    first.on("loadModule", () => void counts.program++);
    await session.wait();
    const before = counts.session;
    assert.ok(counts.session >= 8, "ntdll, kernel32, … and 5 plugins");
    assert.deepEqual({ ...counts, session: 0 }, { session: 0, off: 2, signal: 3, program: 5 });
    await session.launch([debuggee("modules.exe"), "5"]);
    await session.wait();
    assert.ok(counts.session >= before + 8);
    assert.equal(counts.program, 5, "the handlers of a program that has ended hear nothing of others");
  });

  Deno.test(`a handler (${hosting}) that comes while the program runs hears the events from then on`, async () => {
    using folder = scratch();
    await using session = newSession();
    const beats = join(folder.path, "beats");
    const args = [beats, "10", "--threads"]; // one thread after another
    const program = await session.launch([debuggee("heartbeat.exe"), ...args], { initialBreak: false });
    assert.equal(program.state, "running");
    const stop = session.wait();
    await until(() => Deno.readTextFile(beats).then((text) => text !== "", () => false), "the program beats");
    const codes: number[] = [];
    session.on("exitProcess", ({ exitCode }) => void codes.push(exitCode));
    let begun = 0;
    session.on("createThread", () => void begun++);
    await until(() => Promise.resolve(begun > 3), "threads that begin are told");
    Deno.kill(program.pid, "SIGKILL");
    assert.deepEqual(await stop, { reason: "ended" });
    assert.deepEqual(codes, [program.end?.exitCode]);
  });

  Deno.test(`events() (${hosting}) gives every event, and holds the program while the loop's body runs`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("modules.exe"), "3"]);
    const seen: string[] = [];
    for await (const event of program.events()) {
      seen.push(event.type);
      if (event.type !== "loadModule" || event.module.name !== "plugin") continue;
      assert.equal(program.state, "stopped");
      await new Promise((resolve) => setTimeout(resolve, 20)); // long enough for a program that is not held to go on
      assert.ok((await program.modules()).some(({ name }) => name === "plugin"));
    }
    assert.equal(seen.filter((type) => type === "loadModule").length, 3);
    assert.deepEqual(seen.slice(-2), ["exitProcess", "programDestroy"]);
    assert.deepEqual(program.end, { reason: "exited", exitCode: 7 });
    const next = await session.launch([debuggee("stubborn.exe")]);
    assert.deepEqual(await session.wait(), { reason: "ended" });
    assert.deepEqual(next.end, { reason: "exited", exitCode: 5 }, "the end of the first was not taken for its own");
  });

  Deno.test(`events() (${hosting}) refuses what would wait for its own loop, and goes on`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("stubborn.exe")]);
    let bodies = 0;
    for await (const event of program.events()) {
      if (event.type === "programDestroy") continue; // there is nothing left to hold
      bodies++;
      await assert.rejects(session.wait(), { kind: "in-handler", message: /^Cannot wait inside a loop over events/ });
      await assert.rejects(session.launch([debuggee("stubborn.exe")]), { kind: "in-handler" });
    }
    assert.ok(bodies > 0);
    assert.deepEqual(program.end, { reason: "exited", exitCode: 5 });
    await session.launch([debuggee("stubborn.exe")]);
    assert.deepEqual(await session.wait(), { reason: "ended" });
  });

  Deno.test(`events() (${hosting}) that is left early leaves the program held, and waits go on from there`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("modules.exe"), "3"]);
    const loads = async (): Promise<number> => {
      let count = 0;
      for await (const event of session.events()) count += Number(event.type === "loadModule");
      return count;
    };
    for await (const event of program.events()) if (event.type === "loadModule") break;
    assert.equal(program.state, "stopped");
    assert.ok((await program.modules()).some(({ name }) => name === "plugin"));
    await assert.rejects(async () => {
      for await (const event of program.events()) if (event.type === "loadModule") throw new Error("out");
    }, /out/);
    assert.equal(program.state, "stopped");
    assert.equal(await loads(), 1, "two of three have been seen");
    assert.deepEqual(program.end, { reason: "exited", exitCode: 7 });
  });

  Deno.test(`events() (${hosting}) ends with its signal, and the program is held then`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("spin.exe")]);
    const reason = new Error("enough");
    await assert.rejects(async () => {
      for await (const _ of program.events({ signal: AbortSignal.abort(reason) })) assert.fail("it had aborted");
    }, reason);
    const controller = new AbortController();
    const loop = (async () => {
      for await (const event of program.events({ signal: controller.signal })) assert.ok(event);
    })();
    while (!session.running) await new Promise((resolve) => setTimeout(resolve, 1));
    controller.abort(reason);
    await assert.rejects(loop, reason);
    assert.equal(program.state, "stopped");
    assert.ok((await program.threads()).length > 0);
  });
}
