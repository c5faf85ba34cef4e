/** `latch launch --dump`: which ends and which first chances are dumped, and that nothing is left of what was handled. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
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

/** What follows `launch`, and what is told of the place. */
const PLACES: readonly (readonly [file: string, fault: RegExp])[] = [
  ["nowhere/c.dmp", /there is no folder \S*\/nowhere; make it, or name another one/],
  ["nowhere\\c.dmp", /there is no folder \S*\/nowhere; make it/],
  ["Z:\\nowhere\\c.dmp", /there is no folder \/nowhere; make it/],
  ["ends.exe/c.dmp", /\S*\/ends\.exe is no folder; name one/],
  [".", /it is a folder; name a file in it, as in \S+\/app\.dmp/],
  ["", /it has no name/],
  ["/proc/c.dmp", /nothing can be written into the folder \/proc; look at its rights, or name another one/],
];

for (const [file, fault] of PLACES) {
  Deno.test(`a dump that cannot be written to "${file}" is refused before anything starts`, async () => {
    await using bench = await Bench.make("ends");
    const launched = await bench.latch("launch", "--dump", file, "--", "ends.exe", "except");
    const written = await bench.latch("dump", "write", "nobody.exe", file);
    for (const { code, out, err } of [launched, written]) {
      assert.deepEqual([code, out], [2, ""]);
      assert.match(err, new RegExp(`^error: Cannot write a dump to "[^"]*": ${fault.source}[^\\n]*\\n$`));
    }
    assert.deepEqual(await dumps(bench), []);
  });
}

Deno.test("crash.ts on Linux refuses a folder for dumps that is not there, with the rights that it needs anyway", async () => {
  await using bench = await Bench.make("ends");
  const script = fileURLToPath(new URL("../../scripts/crash.ts", import.meta.url));
  for (const folder of ["nowhere", "Z:\\nowhere", "ends.exe"]) {
    for (const rights of [["--allow-run"], ["--allow-run", "--allow-read"]]) {
      const args = ["run", ...rights, "--no-prompt", "--no-check", script, `--dump=${folder}`, "ends.exe", "except"];
      const options = { args, cwd: bench.folder, env: bench.env, stdin: "null" } as const;
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), options).output();
      assert.match(
        new TextDecoder().decode(stderr),
        /^error: Cannot write dumps: (there is no folder|\S+ is no folder)/,
      );
      assert.deepEqual([code, stdout.length], [2, 0]);
    }
  }
});
