/** A symbol is the name of what it begins, and of nothing behind that. */
import assert from "node:assert/strict";
import { DebugSession, type Program } from "../../mod.ts";
import { catchCrash, type Raised } from "../../scripts/crash.ts";
import { debuggee, engineFolder, hostings } from "./support.ts";

/** What exports.exe told: where its functions and variables begin, and a last place in each. */
type Places = ReadonlyMap<string, { readonly first: bigint; readonly last: bigint }>;

async function placesOf(session: DebugSession): Promise<{ readonly program: Program; readonly places: Places }> {
  const places = new Map<string, { first: bigint; last: bigint }>();
  session.on("output", ({ text }) => {
    const [name = "", first, last] = text.trim().split(" ");
    places.set(name, { first: BigInt(`0x${first}`), last: BigInt(`0x${last}`) });
  });
  const program = await session.launch([debuggee("exports.exe")]);
  const stop = session.next("exception");
  const { firstChance } = await stop;
  assert.ok(firstChance);
  return { program, places };
}

for (const hosting of hostings) {
  Deno.test(`exports (${hosting}) name what they begin; behind that it is the module's name with an offset`, async () => {
    await using session = new DebugSession({ hosting, engine: engineFolder() });
    const { program, places } = await placesOf(session);
    const { base, name: module } = program.image;
    const place = (name: string): { readonly first: bigint; readonly last: bigint } => {
      const found = places.get(name);
      assert.ok(found, name);
      return found;
    };
    for (const [part, symbol] of [["leaf", "leaf"], ["split", "split"], ["split_part", "split"], ["table", "table"]]) {
      const start = place(symbol ?? "").first;
      for (const address of [place(part ?? "").first, place(part ?? "").last]) {
        const expected = { symbol: `${module}!${symbol}`, displacement: address - start };
        assert.deepEqual(await program.nameAt(address), expected, part);
      }
    }
    const { first: exported } = place("exported");
    assert.deepEqual(await program.nameAt(exported + 4n), { symbol: `${module}!exported`, displacement: 4n });
    const { last: inMain } = place("exported"); // where it returns to
    const nameless = [place("hidden_leaf").first, place("hidden_leaf").last, inMain, place("hidden").first + 4n];
    for (const address of [...nameless, base, base + 0x200n]) {
      assert.deepEqual(await program.nameAt(address), { symbol: module, displacement: address - base });
    }
  });
}

Deno.test("stacks and crashes have no far-off name either", async () => {
  await using session = new DebugSession({ engine: engineFolder() });
  const { program, places } = await placesOf(session);
  const [thread] = await program.threads();
  const stack = await thread?.stack() ?? [];
  const { name: module, base } = program.image;
  for (const { symbol, displacement, address } of stack.slice(0, 3)) { // hidden, outer, main
    assert.deepEqual({ symbol, displacement }, { symbol: module, displacement: address - base });
  }
  assert.ok((stack[0]?.address ?? 0n) - (places.get("hidden")?.first ?? 0n) < 0x40n);
  assert.equal(stack.at(-1)?.symbol, "ntdll!RtlUserThreadStart");
  await program.terminate();
  await session[Symbol.asyncDispose]();
  const printed: string[] = [];
  const report = await catchCrash({ launch: [debuggee("exports.exe")] }, {
    session: { engine: engineFolder() },
    print: (line) => void printed.push(line),
  });
  const crash = report.crashes[0] as Raised;
  assert.deepEqual(
    crash.stack.slice(0, 3).map((frame) => [frame.module, frame.function]),
    Array(3).fill([module, null]),
  );
  assert.equal(crash.function, crash.stack.find((frame) => frame.function !== null)?.function);
  const offset = (crash.stack[0]?.address ?? 0n) - base;
  assert.ok(printed.includes(`    ${module}+0x${offset.toString(16)}`), printed.join("\n"));
});
