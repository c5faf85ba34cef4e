/** A host whose engine is stuck, and a host that says nothing: signals, `signal` and disposal end what waits for it within two seconds. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { buildDebuggees } from "../../scripts/dev/debuggees.ts";
import { count } from "../count.ts";
import { Bench } from "./latch_support.ts";
import { prepareNative, script } from "./native_support.ts";
import { runsOn, scene, stands } from "./scene_support.ts";

const ROUNDS = count(1, 20);

/** The longest that an end may take, in milliseconds; starting a process and Deno's own end are part of none. */
const LIMIT = 2_000;

/** Resolves with what a program has printed once a word is among it. */
async function until(word: string, child: Deno.ChildProcess): Promise<void> {
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ""; !text.includes(word);) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`It ended without printing "${word}": ${text}`);
    text += value;
  }
  reader.cancel();
}

const WAYS: readonly [way: string, signal: Deno.Signal | undefined, code: number][] = [
  ["SIGINT", "SIGINT", 130],
  ["SIGTERM", "SIGTERM", 130],
  ["abort", undefined, 0],
  ["dispose", undefined, 0],
];

for (const origin of ["attached", "launched"] as const) {
  for (const [way, signal, code] of WAYS) {
    Deno.test(`a host whose engine is stuck: a script with a program that it ${origin} ends by ${way}`, async () => {
      await prepareNative();
      for (let round = 0; round < ROUNDS; round++) {
        await scene(async ({ host, target, start }) => {
          if (origin === "attached") await start();
          const extension = host.windowsPath(join(await buildDebuggees(host, () => {}), "stuck.dll"));
          const what = origin === "attached" ? target.name : JSON.stringify(target.command);
          const child = script("tests/host/scripts/stuck.ts", [what, extension, way]).spawn();
          await until("ready", child);
          const begin = performance.now();
          if (signal) child.kill(signal);
          const status = await child.status;
          const time = performance.now() - begin;
          await child.stderr.cancel();
          assert.equal(status.code, code);
          // A wait that is given up, and then the disposal.
          assert.ok(time < (way === "abort" ? 2 : 1) * LIMIT, `it took ${Math.round(time)} ms`);
          await (origin === "attached" ? runsOn : stands)(target);
        });
      }
    });
  }
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`a host that says nothing any more: latch ends by ${signal}`, async () => {
    await using bench = await Bench.make();
    const greeting = `\\0{"hello":"latch","version":4}\\n`;
    const host = join(bench.folder, "host");
    await Deno.writeTextFile(
      host,
      `#!/bin/sh\nprintf '${greeting}'\necho ready > "${bench.folder}/ready"\ncat >/dev/null\n`, // it ends with its client
    );
    await Deno.chmod(host, 0o755);
    const env = { LATCH_HOST: host };
    const child = bench.command(["ps"], { env, stdin: "null", stdout: "null", stderr: "null" }).spawn();
    for (let isReady = false; !isReady;) {
      isReady = await Deno.stat(join(bench.folder, "ready")).then(() => true, () => false);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await new Promise((resolve) => setTimeout(resolve, 500)); // the greeting is taken, and the call is sent
    const begin = performance.now();
    child.kill(signal);
    assert.equal((await child.status).code, 130);
    assert.ok(performance.now() - begin < LIMIT, `it took ${Math.round(performance.now() - begin)} ms`);
  });
}
