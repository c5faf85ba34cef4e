import assert from "node:assert/strict";
import { join } from "node:path";
import { unpackCommit } from "../../scripts/dev/bench/against.ts";
import type { Told } from "../../scripts/dev/bench/measurements.ts";
import { csharpInterfaces, interfaceNumbers } from "../../scripts/dev/bench/peers/interfaces.ts";
import { plotScale } from "../../scripts/dev/bench/plot.ts";
import { CLIENTS, formatScale, pointsOf, requireAll, stepsUpTo } from "../../scripts/dev/bench/scale.ts";
import { processesOf } from "../../scripts/dev/gates/processes.ts";

Deno.test("stepsUpTo() bounds the steps, and leaves one", () => {
  assert.deepEqual(stepsUpTo("events", 10_000), [1_000, 10_000]);
  assert.deepEqual(stepsUpTo("events", 5), [1_000]);
  assert.deepEqual(stepsUpTo("processes", 1_000_000).at(-1), 100);
});

const seen: Told = { kinds: { exception: 10, createProcess: 4, loadModule: 60 }, exitCode: 0, milliseconds: 1 };

Deno.test("requireAll() refuses what nobody saw all of", () => {
  requireAll("events", 10, seen);
  requireAll("processes", 3, seen);
  requireAll("modules", 50, seen);
  assert.throws(() => requireAll("events", 11, seen), /10 exceptions were seen of 11/);
  assert.throws(() => requireAll("processes", 4, seen), /4 processes were seen of 5/);
  assert.throws(() => requireAll("modules", 61, seen), /60 modules at least were seen of 61/);
  assert.throws(() => requireAll("events", 10, { ...seen, exitCode: 97 }), /ended with 97/);
});

const runs = CLIENTS.flatMap((client, index) =>
  [1, 3, 2].map((factor) => {
    const times = { firstToSecondUs: factor * 100 * (index + 1), secondToLastUs: factor * 1000 };
    return { client, told: { ...seen, ...times }, megabytes: 50 + factor };
  })
);

Deno.test("pointsOf() has medians for each of what grew, and for each event beside it", () => {
  const modules = pointsOf("modules", 10, runs).filter(({ client }) => client === "inline");
  assert.deepEqual(modules.map(({ figure, value }) => [figure, value]), [["each", 40], ["beside", 10]]);
  const events = pointsOf("events", 1002, runs).filter(({ client }) => client === "native");
  assert.deepEqual(events.map(({ figure, value }) => [figure, value]), [["each", 2], ["memory", 52]]);
});

Deno.test("formatScale() says how many times the first the last is", () => {
  const text = formatScale([...pointsOf("modules", 10, runs), ...pointsOf("modules", 20, runs)]);
  const lines = text.split("\n").map((line) => line.trim().split(/ {2,}/));
  assert.deepEqual(lines[1], ["10", "20", "last to first"]);
  assert.deepEqual(lines[2], ["native", "20.0", "10.0", "× 0.50"]);
});

Deno.test("plotScale() draws each point in a chart of its figure", async () => {
  const points = [10, 50].flatMap((count) => pointsOf("modules", count, runs));
  const svg = await plotScale(points, ["a machine"]);
  assert.match(svg, /^<svg/);
  assert.ok(svg.includes("a machine") && svg.includes("Microseconds for each module"));
  const marks = svg.match(/aria-roledescription="point"/g) ?? [];
  assert.equal(marks.length, points.length);
});

Deno.test("C# and Node call by the slots of the engine's tables", () => {
  const { IDebugControl5 } = interfaceNumbers();
  const slot = IDebugControl5?.slots["WaitForEvent"] ?? NaN;
  const [, body = ""] = csharpInterfaces().split(/interface IDebugControl5 \{\n/);
  assert.match(body.split("\n")[slot - 3] ?? "", / WaitForEvent\(uint flags, uint milliseconds\);/);
  assert.equal(slot, 93); // of dbgeng.h
});

async function git(cwd: string, ...args: string[]): Promise<void> {
  const identity = ["-c", "user.name=a", "-c", "user.email=a@b.invalid"];
  const { success, stderr } = await new Deno.Command("git", { args: [...identity, ...args], cwd }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

Deno.test("another commit is unpacked with its own library and this tree's measuring scripts", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [root, target] = [join(folder, "root"), join(folder, "target")];
    const script = join(root, "scripts/dev/bench/measured/a.ts");
    await Deno.mkdir(join(root, "scripts/dev/bench/measured"), { recursive: true });
    await Deno.mkdir(target);
    const write = async (text: string): Promise<void> => {
      for (const path of [join(root, "mod.ts"), join(root, "scripts/dev/bench/old.ts"), script]) {
        await Deno.writeTextFile(path, text);
      }
    };
    await git(folder, "init", "--quiet", "root");
    await write("old");
    await git(root, "add", ".");
    await git(root, "commit", "--quiet", "-m", "a");
    await write("new");
    const other = await unpackCommit(root, "HEAD", target);
    assert.match(other.name, /^[0-9a-f]{7}$/);
    assert.equal(await Deno.readTextFile(join(other.root, "mod.ts")), "old");
    assert.equal(await Deno.readTextFile(join(other.root, "scripts/dev/bench/measured/a.ts")), "new");
    await assert.rejects(Deno.stat(join(other.root, "scripts/dev/bench/old.ts")), Deno.errors.NotFound);
    await assert.rejects(unpackCommit(root, "nothing", target), /there is no such commit/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  name: "a tree of processes has those without the mark, by their parents",
  ignore: Deno.build.os !== "linux",
  async fn(): Promise<void> {
    const args = ["-c", "env -i /bin/sh -c 'echo $$; read line'; true"];
    const command = new Deno.Command("/bin/sh", { args, stdin: "piped", stdout: "piped" });
    await using child = command.spawn();
    const reader = child.stdout.getReader();
    const grandchild = Number(new TextDecoder().decode((await reader.read()).value));
    const found = processesOf(child.pid, "no such mark");
    assert.ok(found.includes(child.pid) && found.includes(grandchild), `${found} lacks ${grandchild}`);
    assert.ok(!found.includes(Deno.pid));
    await child.stdin.close();
    await reader.cancel();
  },
});
