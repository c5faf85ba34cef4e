/**
 * A native session and its host that lose one another: by SIGKILL on either side, at any moment, and by Ctrl-C. The target is looked at
 * from outside, by the file that it counts up.
 */
import assert from "node:assert/strict";
import { attach, EngineError, type Program } from "../../mod.ts";
import { hostsOf, prepareNative, script } from "./native_support.ts";
import { ends, firstLine, runsOn, type Scene, scene, stopWhileRunning, type Target } from "./scene_support.ts";

await prepareNative();
const LEAVE = "tests/host/scripts/leave.ts";

/** The one host that a process has. */
function onlyHost(parent: number): number {
  const [pid, ...others] = hostsOf(parent);
  assert.ok(pid !== undefined && others.length === 0, "one host a session");
  return pid;
}

/** Kills this script's host, where targets run while they do; what is under way fails with the typed error within a second. */
async function killHost(during: () => Promise<unknown>, ...running: readonly Target[]): Promise<void> {
  const outcome = during().then(() => "it succeeded", (error: unknown) => error);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const pid = onlyHost(Deno.pid);
  await stopWhileRunning(pid, running);
  const start = performance.now();
  Deno.kill(pid, "SIGKILL");
  const error = await outcome;
  assert.ok(performance.now() - start < 1_000, "the error takes more than a second");
  assertLost(error);
}

function assertLost(error: unknown, says = /^The engine's Wine host is lost: it was ended by SIGKILL$/): void {
  assert.ok(error instanceof EngineError, String(error));
  assert.equal(error.kind, "lost");
  assert.match(error.message, says);
}

/** Leaves a program whose host has gone: that ends at once, and says so in the same way. */
async function leave(program: Program): Promise<void> {
  const start = performance.now();
  await program[Symbol.asyncDispose]().catch(assertLost);
  assert.ok(performance.now() - start < 2_000, "the disposal takes long");
}

/** A new session finds the target alive, and sets it going. */
async function rescue({ target }: Scene): Promise<void> {
  const again = await attach(target.name, { resume: true });
  await again[Symbol.asyncDispose]();
  await runsOn(target);
}

Deno.test("a host killed in the middle of a run is a typed error within a second, and the target runs on", () =>
  scene(async (here) => {
    await here.start();
    const program = await attach(here.target.name);
    await killHost(() => program.wait(), here.target);
    await runsOn(here.target);
    await leave(program);
  }));

Deno.test("a host killed in the middle of a handler is a typed error within a second, and the target is alive", () =>
  scene(async (here) => {
    await here.start("--raise");
    const program = await attach(here.target.name);
    const entered = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    const asked = new Promise<unknown>((resolve) => {
      program.on("exception", async ({ program }) => {
        entered.resolve();
        await over.promise;
        resolve(await program.modules().then(() => "it succeeded", (error: unknown) => error));
      });
    });
    const waiting = program.wait();
    await entered.promise;
    await killHost(() => waiting); // which does not wait for the handler
    over.resolve();
    assertLost(await asked, /^Cannot use beat-\w+\.exe \(process \d+\): it was lost; attach to it again$/);
    await leave(program);
    await rescue(here);
  }));

Deno.test("a program is left at once though a handler is under way whose host was killed", () =>
  scene(async (here) => {
    await here.start("--raise");
    const program = await attach(here.target.name);
    const entered = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    program.on("exception", () => {
      entered.resolve();
      return over.promise;
    });
    const waiting = program.wait();
    await entered.promise;
    await killHost(() => waiting);
    await leave(program);
    over.resolve();
    await rescue(here);
  }));

Deno.test("a host killed between two calls is a typed error at the next, and the target is alive", () =>
  scene(async (here) => {
    await here.start();
    const program = await attach(here.target.name);
    await program.modules();
    Deno.kill(onlyHost(Deno.pid), "SIGKILL");
    while (hostsOf(Deno.pid).length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const start = performance.now();
    await assert.rejects(program.modules(), (error) => (assertLost(error), true));
    await assert.rejects(program.wait(), (error) => (assertLost(error), true));
    assert.ok(performance.now() - start < 1_000);
    await leave(program);
    await rescue(here);
  }));

Deno.test("a host killed in one session leaves the other session alone", () =>
  scene((one) =>
    scene(async (other) => {
      await Promise.all([one.start(), other.start()]);
      const first = await attach(one.target.name);
      const lost = onlyHost(Deno.pid);
      await using second = await attach(other.target.name);
      Deno.kill(lost, "SIGKILL");
      await assert.rejects(first.wait(), (error) => (assertLost(error), true));
      assert.ok((await second.modules()).length > 0);
      await leave(first);
    })
  ));

// Deno kills a child that keeps the script when an error ends that; a host must not be one.
for (const origin of ["attached", "launched"] as const) {
  Deno.test(`a client that does not watch its exit and throws: its host lets the program go that it ${origin}`, () =>
    scene(async (here) => {
      if (origin === "attached") await here.start();
      const named = origin === "attached" ? here.target.name : JSON.stringify(here.target.command);
      const child = script(LEAVE, [named, "throw-unwatched"]).spawn();
      child.stderr.cancel();
      await firstLine(child.stdout);
      assert.equal((await child.status).code, 1);
      await (origin === "attached" ? runsOn(here.target) : ends(here));
    }));
}
