/** How a script ends by a signal: its exit code, when, and what its programs are told before. */
import assert from "node:assert/strict";

const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows" ? [] : ["SIGINT", "SIGTERM"];

interface Ended {
  readonly code: number;
  readonly lines: readonly string[];
  readonly errors: string;
  /** Since the first signal, in milliseconds. */
  readonly took: number;
}

/** Runs the script and sends it signals, so many milliseconds after its line. */
async function script(args: readonly string[], signal?: Deno.Signal, after = "ready", times = 1): Promise<Ended> {
  const path = new URL("leaving_script.ts", import.meta.url).pathname;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", path, ...args],
    stdout: "piped",
    stderr: "piped",
  });
  await using child = command.spawn();
  let text = "";
  let start = performance.now();
  const errors = new Response(child.stderr).text();
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    const before = text.includes(after);
    text += part;
    if (before || !signal || !text.includes(after)) continue;
    await new Promise((resolve) => setTimeout(resolve, 200)); // for the script to wait, which nobody tells
    start = performance.now();
    for (let i = 0; i < times; i++) {
      child.kill(signal);
      await new Promise((resolve) => setTimeout(resolve, 100)); // two at once are one
    }
  }
  const { code } = await child.status;
  const took = performance.now() - start;
  return { code, lines: text.trim().split("\n"), errors: await errors, took };
}

for (const signal of SIGNALS) {
  Deno.test(`${signal} at the moment in which an attach completes ends a script with 130, its programs let go`, async () => {
    const { code, lines, errors } = await script(["attach", signal]);
    assert.deepEqual([code, errors], [130, ""]);
    assert.equal(lines.at(-1), "one detach");
  });

  Deno.test(`${signal} ends a script within two seconds whose engine does not stop`, async () => {
    const { code, lines, took } = await script(["stuck"], signal);
    assert.equal(code, 130);
    assert.ok(lines.includes("one leaves now"), lines.join());
    assert.ok(took < 2_500, `${took} ms`);
  });

  Deno.test(`a second ${signal} ends a script at once`, async () => {
    const { code, took } = await script(["stuck"], signal, "ready", 2);
    assert.equal(code, 130);
    assert.ok(took < 900, `${took} ms`);
  });

  Deno.test(`${signal} lets the programs of every session go before the script ends`, async () => {
    const { code, lines } = await script(["two"], signal, "there");
    assert.equal(code, 130);
    assert.deepEqual(lines.slice(2).toSorted(), ["one detach", "two detach"]);
  });
}

for (const signal of SIGNALS) {
  Deno.test(`${signal} while a session is disposed of ends the script when its programs are let go`, async () => {
    const { code, lines } = await script(["disposes"], signal, "there");
    assert.deepEqual([code, lines.at(-1)], [130, "one detach"]);
  });
}

for (const [way, exit] of [["throw", 1], ["exit", 3]] as const) {
  Deno.test(`a script that ends by ${way} while its session is disposed of lets its programs go`, async () => {
    const { code, lines } = await script(["disposes", way]);
    assert.deepEqual([code, lines.at(-1)], [exit, "one leaves now"]);
  });
}
