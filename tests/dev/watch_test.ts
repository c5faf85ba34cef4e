import assert from "node:assert/strict";
import { MARK } from "../../scripts/dev/gates/processes.ts";
import { type RunnerEnd, watch } from "../../scripts/dev/gates/watch.ts";

const onLinux = { ignore: Deno.build.os !== "linux" };

function run(code: string, timeout: number): Promise<RunnerEnd> {
  const mark = crypto.randomUUID();
  const options = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  const child = new Deno.Command("sh", { args: ["-c", code], env: { [MARK]: mark }, ...options }).spawn();
  return watch({ name: "sh", child, mark }, timeout);
}

Deno.test("watch() keeps what a runner prints, on both ways, and gives its exit code", onLinux, async () => {
  const { code, isExpired, output } = await run("echo out; sleep 0.2; echo err >&2; exit 3", 30);
  assert.deepEqual({ code, isExpired, output }, { code: 3, isExpired: false, output: "out\nerr\n" });
});

Deno.test("watch() ends a runner that hangs with what it started, and keeps what it had printed", onLinux, async () => {
  const start = performance.now();
  const { code, isExpired, output } = await run("sh -c 'sleep 60 & echo $!'; exec sleep 60", 3);
  assert.notEqual(code, 0);
  assert.equal(isExpired, true);
  assert.match(output, /^\d+\n$/);
  assert.ok(performance.now() - start < 20_000);
  // A zombie has no command line any more.
  const isThere = (): Promise<boolean> =>
    Deno.readTextFile(`/proc/${output.trim()}/cmdline`).then(Boolean, () => false);
  while (await isThere()) await new Promise((resolve) => setTimeout(resolve, 5));
});

Deno.test("watch() does not wait for a program in the background that holds the output", onLinux, async () => {
  const start = performance.now();
  assert.equal((await run("sleep 20 & echo out", 30)).output, "out\n");
  assert.ok(performance.now() - start < 10_000);
});
