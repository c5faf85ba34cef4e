/** Paths are told as Linux writes them where the user is on Linux. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { Bench, ROOT } from "./latch_support.ts";

Deno.test("latch tells paths as Linux has them: of modules, of a dump's program, in errors; JSON as Windows has them", async () => {
  await using bench = await Bench.make("faulty");
  await Deno.copyFile(join(bench.folder, "faulty.exe"), join(bench.folder, "my app.exe"));
  const launched = await bench.latch("launch", "--on", "exitProcess", "--dump", "a b.dmp", "./my app.exe");
  assert.equal(launched.err, "");
  const shown = await bench.latch("dump", "show", "a b.dmp");
  assert.equal(shown.out.split("\n")[0]?.replace(/\d+$/, ""), `${bench.folder}/my app.exe, process `);
  assert.ok(!shown.out.includes("Z:\\"), shown.out);
  const records = await bench.latch("dump", "show", "a b.dmp", "--json");
  assert.ok(records.out.includes(JSON.stringify(bench.windowsPath("my app.exe"))));
  for (const args of [["launch", "./no such/app.exe"], ["dump", "show", "no such.dmp"]]) {
    const { err } = await bench.latch(...args);
    assert.ok(!err.includes("Z:\\"), err);
    assert.match(
      err,
      args[0] === "launch" ? new RegExp(`Cannot launch "${bench.folder}/no such/app.exe":`) : /no such\.dmp/,
    );
  }
});

Deno.test("crash.ts tells the dump that it has written by a path that leads there", async () => {
  await using bench = await Bench.make("faulty");
  await Deno.mkdir(join(bench.folder, "OUT"));
  for (const folder of ["OUT", join(bench.folder, "OUT/"), bench.windowsPath("OUT")]) {
    const { out } = await diagnose(bench, "crash", `--dump=${folder}`, "faulty.exe");
    const dump = /^dump: (.*)$/m.exec(out)?.[1] ?? "";
    assert.ok(dump.startsWith(folder), dump);
    const path = dump.startsWith("Z:")
      ? dump.slice(2).replaceAll("\\", "/")
      : join(bench.folder, dump.replace(bench.folder, ""));
    assert.ok((await Deno.stat(path)).size > 1_000);
    await Deno.remove(path);
  }
});

Deno.test("modules.ts and tree.ts tell paths as Linux has them, and take them so; JSON has them as Windows does", async () => {
  await using bench = await Bench.make("faulty");
  await Deno.copyFile(join(bench.folder, "faulty.exe"), join(bench.folder, "my app.exe"));
  const path = `${bench.folder}/my app.exe`;
  const audit = await diagnose(bench, "modules", `--deny-path=${bench.folder}/*`, "./my app.exe");
  assert.ok(audit.out.includes(`\n    ${path}\n`), audit.out + audit.err);
  assert.ok(audit.out.includes(`my app.exe loaded ${path}, which is denied`), audit.out);
  const tree = await diagnose(bench, "tree", "./my app.exe");
  assert.ok(tree.out.includes(`launched: ./my app.exe, ${path}\n`), tree.out + tree.err);
  const missing = await diagnose(bench, "tree", "./no such/app.exe");
  assert.ok(missing.err.includes("/no such/app.exe"), missing.err);
  for (const { out, err } of [audit, tree, missing]) assert.ok(!(out + err).includes("Z:\\"), out + err);
  for (const name of ["modules", "tree"]) {
    const { out } = await diagnose(bench, name, "--json", "./my app.exe");
    assert.ok(out.includes(`"path":${JSON.stringify(bench.windowsPath("my app.exe"))}`), out);
  }
});

/** Runs a diagnostic in the bench's folder. */
async function diagnose(
  bench: Bench,
  name: string,
  ...words: readonly string[]
): Promise<{ out: string; err: string }> {
  const args = ["run", "-A", "--no-check", join(ROOT, `scripts/${name}.ts`), ...words];
  const options = { args, env: bench.env, cwd: bench.folder, stdin: "null" } as const;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), options).output();
  const [out = "", err = ""] = [stdout, stderr].map((bytes) =>
    new TextDecoder().decode(bytes).replaceAll("\r\n", "\n")
  );
  return { out, err };
}
