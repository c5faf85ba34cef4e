/** `latch launch --dump`: which ends and which first chances are dumped, and that nothing is left of what was handled. */
import assert from "node:assert/strict";
import { Bench } from "./latch_support.ts";

/** The dumps in the bench's folder, which go. */
async function dumps({ folder }: Bench): Promise<string[]> {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(".dmp")).sort();
  for (const name of names) await Deno.rename(`${folder}/${name}`, `${folder}/${name}.seen`);
  return names;
}

Deno.test("latch launch --dump dumps what users call a crash, at the error itself, and no error that was handled", async () => {
  await using bench = await Bench.make("ends");
  const launch = (...args: string[]): Promise<{ code: number; out: string; err: string }> =>
    bench.latch("launch", "--json", "--on", "exitProcess,breakpoint", "--dump", "c.dmp", ...args);
  const crashed = await launch("ends.exe", "except");
  assert.deepEqual([crashed.code, await dumps(bench)], [9, ["c.dmp"]]);
  const kinds = crashed.out.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  assert.deepEqual(kinds.map(({ type, kind }) => [type, kind]), [["dump", "exception"], ["exitProcess", undefined]]);
  await Deno.rename(`${bench.folder}/c.dmp.seen`, `${bench.folder}/seen.dmp`);
  const shown = await bench.latch("dump", "show", "seen.dmp");
  assert.match(shown.out, /^exception {2}STATUS_ACCESS_VIOLATION, writing to 0x0, [^]*^ {2}ends!write_stock /m);
  await Deno.remove(`${bench.folder}/seen.dmp`);

  for (const how of ["abort", "overflow"]) {
    await launch("ends.exe", how);
    assert.deepEqual(await dumps(bench), ["c.dmp"], how);
  }
  assert.equal((await launch("ends.exe", "guarded")).code, 5);
  assert.deepEqual(await dumps(bench), []);
  assert.equal((await launch("--exit-code", "ends.exe", "guarded")).code, 5);
  assert.deepEqual(await dumps(bench), ["c.dmp"]);
});

Deno.test("latch launch --dump --on-exception dumps chosen first chances, up to a limit", async () => {
  await using bench = await Bench.make("ends");
  const chosen = ["launch", "--on", "exitProcess", "--dump", "c.dmp", "--on-exception"];
  const limited = await bench.latch(...chosen, "ACCESS_VIOLATION", "--dump-limit", "2", "ends.exe", "often");
  assert.deepEqual([limited.code, await dumps(bench)], [0, ["c.1.dmp", "c.2.dmp"]]);
  await bench.latch(...chosen, "0xC00000FD", "ends.exe", "often");
  assert.deepEqual(await dumps(bench), []);
  for (
    const [args, message] of [
      [[...chosen, "nothing", "ends.exe"], /^error: "nothing" is no exception; give its code, /],
      [["launch", "--on-exception", "CONTROL_C", "ends.exe"], /^error: --exit-code and --on-exception need --dump/],
      [["launch", "--dump", "c.dmp", "--dump-limit", "2", "ends.exe"], /^error: --dump-limit is of --on-exception/],
    ] as const
  ) {
    const { code, err } = await bench.latch(...args);
    assert.match(err, message);
    assert.equal(code, 2);
  }
});
