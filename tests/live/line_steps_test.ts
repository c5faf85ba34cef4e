/** Steps by source lines and out of functions: the lines are those that the program notes itself. */
import assert from "node:assert/strict";
import { type BreakpointHit, DebugSession, EngineError, type Program, type StepEnd, type Thread } from "../../mod.ts";
import { count, some } from "../count.ts";
import { debuggee, engineFolder, hostings } from "./support.ts";

const SOURCE = (await Deno.readTextFile(new URL("../debuggees/lines.c", import.meta.url))).split(/\r?\n/);
const STEPS = count(80, 2_500);
/** The instruction `ret`. */
const RETURN = 0xc3;

/** The number of the first line with a text, counted from 1. */
function lineWith(text: string): number {
  const index = SOURCE.findIndex((line) => line.includes(text));
  assert.ok(index >= 0, text);
  return index + 1;
}

/** Whether the program notes a line when it executes it. */
function isNoted(line: number): boolean {
  return SOURCE[line - 1]?.includes("T(me);") ?? false;
}

/** `lines.exe` stopped where its main thread enters `rounds`; what it notes is there when it has ended. */
async function stopped(
  session: DebugSession,
  rounds: number,
): Promise<{ program: Program; thread: Thread; noted: () => number[] }> {
  let text = "";
  session.on("output", (event) => void (text += event.text));
  const program = await session.launch([debuggee("lines.exe"), `${rounds}`]);
  const main = program.thread((await program.threads())[0]?.threadId ?? 0);
  await program.breakpoint("lines!rounds", { thread: main, once: true });
  const { threadId } = await program.next("breakpoint");
  assert.equal(threadId, main.threadId);
  const noted = (): number[] => {
    assert.match(text, /^lines:( \d+)+$/);
    return text.slice("lines: ".length).split(" ").map(Number);
  };
  return { program, thread: main, noted };
}

/** Steps until something else stops the program, or so often; gives the lines that were come to. */
async function steps(step: () => Promise<StepEnd>, most: number): Promise<number[]> {
  const lines: number[] = [];
  while (lines.length < most) {
    const { reason, frame } = await step();
    if (reason !== "step") break;
    assert.match(frame?.file ?? "", /lines\.c$/, `${frame?.symbol}`);
    lines.push(frame?.line ?? 0);
  }
  return lines;
}

for (const hosting of some(hostings, 1)) {
  const newSession = (): DebugSession => new DebugSession({ hosting, engine: engineFolder() });

  Deno.test(`steps into by lines (${hosting}) come to the lines that the program notes, beside a thread in the same functions`, async () => {
    await using session = newSession();
    const { program, thread, noted } = await stopped(session, 200);
    const lines = await steps(() => thread.stepInto({ unit: "line" }), STEPS);
    assert.equal(lines.length, STEPS);
    await program.run();
    const expected = lines.filter(isNoted);
    assert.ok(expected.length > STEPS / 2);
    assert.deepEqual(expected, noted().slice(0, expected.length));
    const others = new Set(lines.filter((line) => !isNoted(line)).map((line) => SOURCE[line - 1]?.trim()));
    const allowed =
      /^(?:}|static int .*{|for \(int i|return 0;|what,|short_one\(me\)\);|int total = 0;|__attribute__.*{)/;
    assert.deepEqual([...others].filter((text) => !allowed.test(text ?? "")), []);
  });

  Deno.test(`steps over by lines (${hosting}) stay in the function, whatever it calls`, async () => {
    await using session = newSession();
    const { program, thread, noted } = await stopped(session, 5);
    const [first, last] = [lineWith("int rounds("), lineWith("return total;")];
    const lines = await steps(() => thread.stepOver({ unit: "line" }), 10_000);
    assert.deepEqual(program.end?.reason, "exited");
    const within = lines.filter((line) => line >= first && line <= last && isNoted(line));
    assert.deepEqual(within, noted().filter((line) => line >= first && line <= last));
    assert.ok(lines.includes(lineWith("g_over = 1;")), "behind its end its caller goes on");
  });
}

Deno.test("a breakpoint at a source line is hit as often as the program notes it, and none is set where that is not one place", async () => {
  await using session = new DebugSession({ engine: engineFolder() });
  const { program, thread, noted } = await stopped(session, 9);
  const line = lineWith("all of the loop is one line");
  assert.ok((await program.linesOf({ file: "lines.c", line })).length > 1, "it has several pieces");
  let hits = 0;
  const hit = ({ thread: { threadId } }: BreakpointHit): "go" => {
    if (threadId === thread.threadId) hits++;
    return "go";
  };
  const { address = 0n } = await program.breakpoint({ file: "debuggees/LINES.C", line }, { hit });
  const found = await program.lineAt(address);
  assert.deepEqual([found?.line, found?.address], [line, address]);
  assert.deepEqual(await program.linesOf({ file: "ines.c", line }), [], "a part of a file's name is no file");
  assert.equal(await program.lineAt(0n), null);
  for (const place of [{ file: "lines.c", line: 1 }, { file: "nosuch.c", line }]) {
    await assert.rejects(
      program.breakpoint(place),
      (error) =>
        error instanceof EngineError && error.kind === "failed" &&
        /no loaded module has code of it/.test(error.message),
    );
  }
  await program.run();
  assert.equal(hits, noted().filter((each) => each === line).length);
});

Deno.test("a thread runs to a place, past other threads there, or to what stops the programs before", async () => {
  await using session = new DebugSession({ engine: engineFolder() });
  const { program, thread } = await stopped(session, 9);
  const line = lineWith("T(me); total ^= i;");
  for (const place of [{ file: "lines.c", line }, "lines!add", await program.addressOf("lines!short_one") ?? 0n]) {
    const { reason, frame } = await thread.runTo(place);
    const at = typeof place === "object" ? frame?.line : typeof place === "string" ? frame?.symbol : frame?.address;
    assert.deepEqual([reason, at], ["step", typeof place === "object" ? line : place]);
  }
  const other = await program.breakpoint("lines!pick", { thread });
  assert.deepEqual((await program.breakpoints()).map(({ id }) => id), [other.id], "they have gone again");
  const before = await thread.runTo({ file: "lines.c", line: lineWith("g_over = 1;") });
  assert.deepEqual([before.reason, before.event?.type, before.frame?.symbol], ["event", "breakpoint", "lines!pick"]);
  await other.remove();
  assert.deepEqual(await program.breakpoints(), []);
  assert.equal((await thread.runTo("lines!nothing").catch((error) => error)).kind, "failed");
  assert.equal((await thread.runTo({ file: "lines.c", line: lineWith("g_over = 1;") })).reason, "step");
  assert.deepEqual(await thread.runTo("lines!rounds"), { reason: "ended", frame: undefined });
});

Deno.test("in a handler a step is refused, with the answer that does it", async () => {
  await using session = new DebugSession({ engine: engineFolder() });
  const program = await session.launch([debuggee("lines.exe"), "1"]);
  let refused: unknown;
  await program.breakpoint("lines!rounds", {
    once: true,
    hit: async ({ thread }) => {
      refused = await thread.stepInto().catch((error: unknown) => error);
      return "go" as const;
    },
  });
  await program.run();
  assert.match(`${refused}`, /^StateError: Cannot step into inside a handler: .*; do it after/);
});

Deno.test("a step out comes back behind the call, of the same thread and the same depth of recursion", async () => {
  await using session = new DebugSession({ engine: engineFolder() });
  const { program, thread } = await stopped(session, 200);
  const depths: number[] = [];
  const breakpoint = await program.breakpoint({ file: "lines.c", line: lineWith("if (last <= 0)") }, { thread });
  while (depths.length < 9) {
    await program.next("breakpoint");
    const before = await thread.stack();
    const depth = before.filter(({ symbol }) => symbol === "lines!sum_to").length;
    if (depth !== depths.length % 3 + 1) continue;
    await breakpoint.disable();
    const { reason, frame } = await thread.stepOut();
    assert.equal(reason, "step");
    assert.deepEqual([frame?.address, frame?.stackAddress], [before[1]?.address, before[1]?.stackAddress]);
    await breakpoint.enable();
    depths.push(depth);
  }
});

Deno.test("the code of a function's last line ends with the function, not where the next one begins", async () => {
  await using session = new DebugSession({ engine: engineFolder() });
  const { program } = await stopped(session, 1);
  const ends = new Map<string, bigint>();
  for (let line = lineWith("static int add("); SOURCE[line - 1] !== "int main(int argc, char **argv) {"; line++) {
    for (const { address, size } of await program.linesOf({ file: "lines.c", line })) {
      const name = await program.nameAt(address);
      const end = address + BigInt(size);
      if (name && end > (ends.get(name.symbol) ?? 0n)) ends.set(name.symbol, end);
    }
  }
  const functions = ["add", "sum_to", "short_one", "longest", "pick", "rounds"];
  for (const name of functions) {
    const end = ends.get(`lines!${name}`) ?? 0n;
    assert.deepEqual(await program.memory.read(end - 1n, 1), Uint8Array.of(RETURN), name);
  }
});

Deno.test("of two steps at once, of one thread or of two, the second is refused, and the first is whole", async () => {
  await using session = new DebugSession({ engine: engineFolder() });
  const { program, thread } = await stopped(session, 2);
  const other = program.thread(thread.threadId + 4); // refused before anybody asks whether there is one
  const refused = {
    name: "StateError",
    kind: "running",
    message: "Cannot step: another step is under way; await that first",
  };
  const first = lineWith("int rounds(int me, int count)");
  for (const [line, second] of [[first + 1, thread], [first + 2, other]] as const) {
    const step = thread.stepInto({ unit: "line" });
    await assert.rejects(second.stepOver(), refused);
    await assert.rejects(second.runTo("lines!add"), refused);
    assert.equal((await step).frame?.line, line);
  }
  assert.equal((await program.run()).reason, "exited");
});
