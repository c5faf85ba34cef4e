/** `latch` tells the names of threads, in text and in JSON. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { prepareHost } from "../../scripts/dev/host.ts";
import { Bench, lines } from "./latch_support.ts";

/** Records with the name of a thread, for example `stack disk writer`. */
function namedRecords(text: string): string[] {
  const records: Record<string, unknown>[] = text.trimEnd().split("\n").map((line) => JSON.parse(line));
  return records.filter(({ threadName }) => typeof threadName === "string").map((record) =>
    `${record["type"]} ${record["threadName"]}`
  );
}

Deno.test("attach --noninvasive and dump show tell the names of a running program's threads", async () => {
  await using bench = await Bench.make("thread_names");
  const name = await bench.rename("thread_names");
  const host = await prepareHost(["wine"], () => {});
  const options = { stdin: "null", stdout: "piped", stderr: "null" } as const;
  const child = host.command(join(bench.folder, name), [], options).spawn();
  const said = lines(child.stdout);
  assert.match(String((await said.next()).value), /^threads /, "its threads have their names now");
  for (const kind of ["attach", "dump"]) {
    const args = kind === "attach" ? ["attach", name, "--noninvasive"] : ["dump", "show", "names.dmp"];
    if (kind === "dump") assert.equal((await bench.latch("dump", "write", name, "names.dmp")).code, 0);
    const looked = await bench.latch(...args);
    assert.deepEqual([looked.code, looked.err], [0, ""]);
    assert.match(looked.out, /^thread \d+ \(main loop\)$/m);
    assert.match(looked.out, /^thread \d+ \(disk writer\)$/m);
    assert.match(looked.out, /^thread \d+ \(Grüße 世界\)$/m);
    assert.match(looked.out, /^thread \d+$/m, "one without a name");
    const records = namedRecords((await bench.latch(...args, "--json")).out);
    assert.deepEqual(records.filter((text) => text.length < 20).sort(), [
      ...["stack Grüße 世界", "stack disk writer", "stack main loop", "stack new name"],
    ]);
  }
  await host.command("taskkill.exe", ["/f", "/im", name], { stdout: "null", stderr: "null" }).output();
  await child.status;
});

Deno.test("launch tells the name of the thread that an exception is in", async () => {
  await using bench = await Bench.make("thread_names");
  const args = ["launch", "--on", "exception"];
  const program = ["--", "thread_names.exe", "crash"];
  const { out } = await bench.latch(...args, ...program);
  assert.match(out, /^exception {6}STATUS_ACCESS_VIOLATION, second chance, thread \d+ \(disk writer\)$/m);
  const { out: json } = await bench.latch(...args, "--json", ...program);
  assert.equal(namedRecords(json).at(-1), "exception disk writer");
});
