import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { kill, remains } from "../../lib/cli/schedule/processes.ts";
import { posixTest, until } from "./schedule_support.ts";

const KEEPER = fileURLToPath(new URL("../../lib/cli/schedule/keeper.ts", import.meta.url));

Deno.test(posixTest("a keeper whose scheduler was killed before it began starts nothing", async () => {
  const keep = async (scheduler: number): Promise<string> => {
    const args = ["run", "-A", "--no-check", KEEPER, "100", `${scheduler}`, "echo", "started"];
    const { code, stdout } = await new Deno.Command(Deno.execPath(), { args, stdin: "null" }).output();
    return `${code} ${new TextDecoder().decode(stdout).trim()}`;
  };
  assert.match(await keep(Deno.pid), /started$/);
  assert.equal(await keep(Deno.ppid), "143 ");
}));

Deno.test(posixTest("what is left of a run is found while nobody has fetched its leader's end", async () => {
  // The outer shell becomes a program that fetches no child's end; the leader of a session of its own leaves a process without the mark.
  const code = `setsid sh -c 'env -i sleep 61 >/dev/null & echo $$ $!' & exec sleep 62`;
  const child = new Deno.Command("sh", { args: ["-c", code], stdin: "null", stdout: "piped" }).spawn();
  const reader = child.stdout.getReader();
  const [leader = 0, left = 0] = new TextDecoder().decode((await reader.read()).value).split(" ").map(Number);
  try {
    await until(() => /^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${leader}/status`)), () => "the leader ends");
    assert.deepEqual(remains({ mark: crypto.randomUUID(), leader }), [left]);
  } finally {
    kill(left, "SIGKILL");
    child.kill("SIGKILL");
    await Promise.all([child.status, reader.cancel()]);
  }
}));
