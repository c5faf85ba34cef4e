/** Threads of the engine's own that call back while the one that we are on waits for them: nobody waits for ever. */
import assert from "node:assert/strict";
import { ComCallback, ComObject, IDebugOutputCallbacks2 } from "../../lib/dbgeng/mod.ts";
import { runScript, type ScriptEnd } from "./child_script.ts";
import type { ForeignCalls } from "./foreign_caller.ts";
import { debuggee, hostings } from "./support.ts";

const CALLS = 1_000;

Deno.test("another thread calls a callback object while the object's own one waits for it", () => {
  const taken: unknown[][] = [];
  const callback = new ComCallback<IDebugOutputCallbacks2>(IDebugOutputCallbacks2, {
    Output2: (...values) => void taken.push(values),
    Output: (...values) => void taken.push(values),
  });
  const worker = new Worker(new URL("foreign_caller.ts", import.meta.url), { type: "module" });
  try {
    const state = new Int32Array(new SharedArrayBuffer(4) as unknown as ArrayBuffer);
    worker.postMessage({ pointer: callback.pointer, state } satisfies ForeignCalls);
    assert.notEqual(Atomics.wait(state, 0, 0, 20_000), "timed-out", "the other thread waits for this one");
    assert.equal(state[0], 1, "references and interfaces are as they should be on that thread");
    assert.deepEqual(taken, [], "this thread was busy");
    ComObject.from(IDebugOutputCallbacks2, callback.pointer).AddRef(); // any call will do
    const texts = Array.from(
      { length: CALLS },
      (_, index) => [index, 7, 0xffff_ffff_ffff_fff0n, `grüße 世界 ${index}`],
    );
    assert.deepEqual(taken, [...texts, [CALLS, 0, 0n, null], [CALLS + 1, "narrow"]]);
    assert.equal(callback.references, 2);
    ComObject.from(IDebugOutputCallbacks2, callback.pointer).Release();
  } finally {
    worker.terminate();
    callback[Symbol.dispose]();
  }
});

/** A folder that is not there has a thread of the engine print that, and the engine waits for that thread. */
const NOWHERE = "C:\\nowhere";

function launchScript(hosting: string, options: string, command: string): string {
  return `
    const session = new latch.DebugSession({ engine, hosting: ${JSON.stringify(hosting)}, ${options} });
    const texts = [];
    session.on("engineOutput", ({ text }) => void texts.push(text));
    const program = await session.launch([${JSON.stringify(debuggee("modules.exe"))}, "1"]);
    const answer = ${command};
    await session.wait();
    await session[Symbol.asyncDispose]();
    console.log(JSON.stringify({ answer, heard: texts.length > 0 }));`;
}

function toldBy({ code, out, err }: ScriptEnd): { readonly answer: string; readonly heard: boolean } {
  assert.deepEqual([code, err], [0, ""]);
  return JSON.parse(out);
}

for (const hosting of hostings) {
  Deno.test(`a symbol path without its folder, and a listener for engineOutput (${hosting}): programs come and go`, async () => {
    for (const symbolPath of [NOWHERE, `${NOWHERE};C:\\neither`, debuggee("modules.exe"), "\\\\nowhere\\share"]) {
      const options = `symbolPath: ${JSON.stringify(symbolPath)}`;
      assert.ok(toldBy(await runScript(launchScript(hosting, options, "null"))).heard, symbolPath);
    }
  });

  Deno.test(`.sympath to a folder that is not there (${hosting}) says so, and .reload goes on`, async () => {
    const commands = `await program.execute(${
      JSON.stringify(`.sympath ${NOWHERE}`)
    }) + await program.execute(".reload /f")`;
    const { answer } = toldBy(await runScript(launchScript(hosting, "", commands)));
    assert.match(answer, /'C:\\nowhere' failed: 0x2 - File not found\.[\s\S]*Reloading current modules/);
  });
}

Deno.test("through the expert entry a foreign thread's text comes as well, in the order in which it was said", async () => {
  const module = new URL("../../lib/dbgeng/mod.ts", import.meta.url).href;
  const { code, out, err } = await runScript(`
    import * as dbgeng from ${JSON.stringify(module)};
    using opened = dbgeng.openEngine({ engine });
    const { client } = opened;
    using control = client.query(dbgeng.IDebugControl4);
    using symbols = client.query(dbgeng.IDebugSymbols3);
    symbols.SetSymbolPathWide(${JSON.stringify(NOWHERE)});
    client.SetOutputMask(dbgeng.DEBUG_OUTPUT_NORMAL | dbgeng.DEBUG_OUTPUT_ERROR);
    let text = "";
    const callbacks = new dbgeng.ComCallback(dbgeng.IDebugOutputCallbacksWide, { Output: (_, part) => void (text += part) });
    client.SetOutputCallbacksWide(callbacks);
    client.CreateProcessWide(0n, ${JSON.stringify(`"${debuggee("modules.exe")}" 1`)}, 2);
    for (let result = 0; result === 0; result = control.lastHresult) {
      try {
        control.WaitForEvent(0, 5_000);
      } catch {
        break;
      }
    }
    client.SetOutputCallbacksWide(null);
    callbacks[Symbol.dispose]();
    console.log(JSON.stringify(text));`);
  assert.deepEqual([code, err], [0, ""]);
  assert.match(
    JSON.parse(out),
    /'C:\\nowhere' failed: 0x2 - File not found\.[\s\S]*Symbol search path is: C:\\nowhere/,
  );
});
