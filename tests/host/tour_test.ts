/** The README's tour of `latch`: each command typed as it is printed there, by a `latch` that its own line has installed. */
import assert from "node:assert/strict";
import { delimiter, dirname, join } from "node:path";
import { Bench, ROOT } from "./latch_support.ts";
import { blocks, isSame, normal, section, steps } from "./tour_support.ts";

const TOUR = section(Deno.readTextFileSync(join(ROOT, "README.md")), "The command line");

const decoder = new TextDecoder();

/** Installs `latch` by the README's line into a folder; gives the folder with the executable. */
async function install(root: string): Promise<string> {
  const line = blocks(TOUR, "sh").flatMap((block) => block.split("\n")).find((one) => one.startsWith("deno install"));
  assert.ok(line, "the README tells how to install latch");
  const { success, stderr } = await shell(line, ROOT, { PATH: path(), DENO_INSTALL_ROOT: root });
  assert.ok(success, decoder.decode(stderr));
  return join(root, "bin");
}

function path(...folders: readonly string[]): string {
  return [...folders, dirname(Deno.execPath()), Deno.env.get("PATH") ?? ""].join(delimiter);
}

function shell(line: string, cwd: string, env: Record<string, string>): Promise<Deno.CommandOutput> {
  return new Deno.Command("sh", { args: ["-c", `exec 2>&1; ${line}`], cwd, env, stdin: "null" }).output();
}

Deno.test("every command of the README's tour prints what the README says", async (test) => {
  await using bench = await Bench.make("clock", "faulty");
  const bin = await install(join(bench.folder, "installed"));
  bench.start("clock.exe");
  await Deno.symlink(join(ROOT, "scripts"), join(bench.folder, "scripts"));
  const state = join(bench.folder, "state");
  const tour = blocks(TOUR, "console").flatMap(steps);
  assert.ok(tour.length >= 18, `${tour.length} commands`);
  for (const { command, output } of tour) {
    await test.step(command, async () => {
      const { stdout } = await shell(command, bench.folder, {
        ...bench.env,
        ...{ PATH: path(bin), NO_COLOR: "1", XDG_STATE_HOME: state },
      });
      const lines = decoder.decode(stdout).replaceAll("\r", "").trimEnd().split("\n");
      if (isSame(output, lines[0] === "" ? lines.slice(1) : lines)) return;
      assert.deepEqual(lines.map(normal), output.map(normal), `what it printed:\n${lines.join("\n")}`);
    });
  }
});

Deno.test("a line of the tour may differ in ids, addresses and folders, and in nothing else", () => {
  assert.ok(isSame(["ID  app.exe, process 12"], ["ID  app.exe, process 3456"]));
  assert.ok(
    isSame(["loadModule 0000000140000000  12 KB  C:\\a\\b.dll"], ["loadModule     0000000150000000 8 KB  Z:\\b.dll"]),
  );
  assert.ok(isSame(["a", "  …", "z"], ["a", "b", "c", "z"]));
  assert.ok(isSame(["a", "…"], ["a"]));
  assert.equal(isSame(["crash!inner  crash.c:19"], ["crash!inner  crash.c:20"]), false);
  assert.equal(isSame(["exitProcess clock.exe, code 3"], ["exitProcess clock.exe, code 4"]), false);
  assert.equal(isSame(["a", "…", "z"], ["a", "b"]), false);
  assert.equal(isSame(["a"], ["a", "b"]), false);
});
