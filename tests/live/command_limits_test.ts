/** Commands that print, nest or move more than is theirs: refused or broken off with words, and the session works on. */
import assert from "node:assert/strict";
import { DebugSession, EngineError, StateError } from "../../mod.ts";
import { debuggee, engineFolder, hostings, keepEngine } from "./support.ts";

keepEngine();

/** Commands that print without an end, or gigabytes. */
const FLOODS = ["dd 0 L?0n4000000000", `.while (1) { .echo ${"x".repeat(2_000)} }`];

/** Megabytes that one of them may cost: 8,000,000 characters a few times over, and what the collector leaves. */
const MOST = 150;

const megabytes = (): number => Deno.memoryUsage().rss / (1 << 20);

for (const hosting of hostings) {
  const newSession = (): DebugSession => new DebugSession({ hosting, engine: engineFolder() });

  Deno.test(`a command (${hosting}) that prints without an end is broken off, and costs little memory`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("spin.exe")]);
    const few = await program.execute("dd 0 L?0n100000");
    assert.ok(few.length > 1_000_000, `${few.length}`);
    const before = megabytes();
    for (const flood of FLOODS) {
      await assert.rejects(program.execute(flood), (error) => {
        assert.ok(error instanceof EngineError && error.kind === "failed", String(error));
        assert.match(error.message, /": it printed more than 8,000,000 characters; ask for less at a time$/);
        return true;
      });
      assert.ok(megabytes() - before < MOST, `${flood.slice(0, 20)}: ${megabytes() - before} MB`);
      assert.equal(await program.execute(".echo still there"), "still there\n");
      assert.equal((await program.threads()).length, 1);
    }
  });

  Deno.test(`a command (${hosting}) that is nested too deep is refused before the engine sees it`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("spin.exe")]);
    for (const text of ["(", "{", "? (", ".if (1) {"]) {
      const said = { name: "RangeError", message: /^Cannot execute "[^\r\n]+": it is nested deeper than 200 levels$/ };
      await assert.rejects(program.execute(text.repeat(20_000)), said, text);
    }
    assert.equal(await program.execute(`.echo ${"(".repeat(150)}`), `${"(".repeat(150)}\n`);
  });

  Deno.test(`a breakpoint (${hosting}) where the program has no memory fails the wait with what to do`, async () => {
    for (const at of ["0", "0x10", "0x7fff0000000"]) {
      await using session = newSession();
      const program = await session.launch([debuggee("crash.exe"), "--handled"]);
      await program.execute(`bp ${at}`);
      const message =
        /^Cannot run: a breakpoint is at an address .* no memory; find it by bl, and clear it by bc \[.*\]$/;
      await assert.rejects(session.wait(), { name: "EngineError", kind: "failed", message }, at);
      await program.execute("bc *; bp crash!main");
      const stop = await session.wait();
      assert.ok(stop.reason === "event" && stop.event.type === "breakpoint", at);
    }
  });

  Deno.test(`a command (${hosting}) that moves one thread is refused in a handler, and the program is not moved`, async () => {
    for (const command of ["~.t", "~.p", "~.gu", "~.g", "~*e .if (1) {t}", "|.t"]) {
      await using session = newSession();
      const program = await session.launch([debuggee("crash.exe"), "--handled"]);
      await program.execute("bp crash!outer");
      const seen: bigint[] = [];
      session.on("breakpoint", async () => {
        for (let time = 0; time < 2; time++) {
          seen.push(await program.evaluate("@$ip"));
          await assert.rejects(program.execute(command), (error) => error instanceof StateError, command);
        }
        seen.push(await program.evaluate("@$ip"));
        return "go" as const;
      });
      assert.deepEqual(await session.wait(), { reason: "ended" }, command);
      assert.deepEqual(seen, Array(3).fill(seen[0]), command);
    }
  });
}
