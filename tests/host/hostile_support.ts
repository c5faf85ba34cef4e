/** Confined scripts that mean harm, run by `latch run` as anybody would, and a look at what they left. */
import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { runScript, type ScriptResult } from "../../lib/script/run_script.ts";
import { MARK } from "../../scripts/dev/gates/processes.ts";
import { ROOT } from "./latch_support.ts";
import { runsOn, type Scene, scene } from "./scene_support.ts";

const FOLDER = join(ROOT, "tests/host/hostile");

/** What came of a script. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** What it printed of its deeds, by their names: `DONE …` or `HELD …`. */
  readonly deeds: ReadonlyMap<string, string>;
}

/** Rights to the target and nothing else. */
export function rightsTo({ target }: Scene): string[] {
  return [`--allow-attach=${target.name}`];
}

/** The words of `latch run` with a script of the folder `hostile`. */
export function latchWords(script: string, args: readonly string[], rights: readonly string[] = []): string[] {
  const latch = [Deno.execPath(), "run", "-A", "--no-check", join(ROOT, "lib/cli/latch.ts"), "run"];
  return [...latch, ...rights, resolve(FOLDER, script), ...args];
}

/** `latch run` with a script of the folder, or one with a full path, ready to spawn. */
export function latchRun(scene: Scene, script: string, { rights, args = [], cwd }: Words = {}): Deno.Command {
  const [program = "", ...words] = latchWords(script, args, rights);
  return new Deno.Command(program, {
    args: words,
    env: { LATCH_HOST: scene.host.deno, NO_COLOR: "1" },
    ...{ stdin: "null", stdout: "piped", stderr: "piped" } as const,
    ...(cwd === undefined ? {} : { cwd }),
  });
}

/** What stands on the command line. */
export interface Words {
  readonly rights?: readonly string[];
  readonly args?: readonly string[];
  readonly cwd?: string;
}

/** Runs a script to its end. */
export async function outcome(scene: Scene, script: string, words: Words = {}): Promise<Outcome> {
  const { code, stdout, stderr } = await latchRun(scene, script, words).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)) as [string, string];
  const told = out.split("\n").filter((line) => /^(?:DONE|HELD) /.test(line));
  return { code, out, err, deeds: new Map(told.map((line) => cut(line))) };
}

/** Runs a script of the folder in this process, which has no engine for it. */
export async function ended(
  script: string,
  rest: Parameters<typeof runScript>[1] = {},
): Promise<ScriptResult & { out: string; err: string }> {
  const told = { out: "", err: "" };
  const output = {
    stdout: (text: string) => void (told.out = (told.out + text).slice(0, 2_000)),
    stderr: (text: string) => void (told.err = (told.err + text).slice(0, 2_000)),
  };
  const connect = (): never => assert.fail("the engine was opened");
  return { ...await runScript(join(FOLDER, script), { output, connect, deadline: 30_000, ...rest }), ...told };
}

/** `HELD name: what` as name and `HELD what`. */
function cut(line: string): [string, string] {
  const [, verb = "", name = "", what = ""] = /^(DONE|HELD) (.*?): (.*)$/.exec(line) ?? [];
  return [name, `${verb} ${what}`];
}

/** Compares what came of deeds with what has to: the beginning of each line, or a pattern. */
export function assertDeeds(deeds: Outcome["deeds"], expected: Readonly<Record<string, string | RegExp>>): void {
  const wrong = Object.entries(expected).filter(([name, what]) => {
    const told = deeds.get(name) ?? "nothing";
    return typeof what === "string" ? !told.startsWith(what) : !what.test(told);
  });
  const strange = [...deeds.keys()].filter((name) => !Object.hasOwn(expected, name));
  assert.deepEqual(wrong.map(([name]) => `${name}: ${deeds.get(name)}`), []);
  assert.deepEqual(strange, []);
}

/** The target runs on, a harmless script gets it afterwards, and nothing is left of those before. */
export async function assertUnharmed(scene: Scene): Promise<void> {
  const { target } = scene;
  await runsOn(target);
  const { code, out, err } = await outcome(scene, "harmless.ts", {
    rights: [`--allow-attach=${target.name}`],
    args: [target.name],
  });
  assert.deepEqual([code, out], [0, `harmless: ${target.name} has modules\n`], err);
  await runsOn(target);
  await assertNothingLeft();
}

/** No process of a hostile script's, and no host, that this test file has started is there. */
export async function assertNothingLeft(): Promise<void> {
  const host = join(ROOT, "lib/generated/host.js");
  let left: string[] = [];
  for (const end = performance.now() + 10_000; performance.now() < end;) {
    left = ownCommandLines().filter((line) => line.includes(FOLDER) || line.replaceAll("\\", "/").includes(host));
    if (left.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.deepEqual(left, []);
}

/** The command lines of all processes but those of other test files: these run beside this one, with hosts and scripts of their own. */
function ownCommandLines(): string[] {
  const own = Deno.env.get(MARK);
  return [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name)).map(({ name }) => {
    try {
      const status = Deno.readTextFileSync(`/proc/${name}/status`);
      // A confined script has no environment: its parent's mark tells, and an orphan is anybody's.
      const mark = markOf(name) ?? markOf(/^PPid:\s*(\d+)/m.exec(status)?.[1] ?? "");
      if (/^State:\s*Z/m.test(status) || (mark ?? own) !== own) return "";
      return Deno.readTextFileSync(`/proc/${name}/cmdline`).replaceAll("\0", " ");
    } catch {
      return ""; // it has ended meanwhile
    }
  });
}

/** What the test runner marks the programs of a test file with. */
function markOf(pid: string): string | undefined {
  const variables = Deno.readTextFileSync(`/proc/${pid}/environ`).split("\0");
  return variables.find((variable) => variable.startsWith(`${MARK}=`))?.slice(MARK.length + 1);
}

/** Takes steps one after another beside a target, what is in one step side by side; after each all must be well. */
export async function steps(
  test: Deno.TestContext,
  all: Readonly<Record<string, readonly ((scene: Scene) => Promise<void>)[]>>,
): Promise<void> {
  await scene(async (scene) => {
    await scene.start("--raise");
    for (const [name, acts] of Object.entries(all)) {
      await test.step(name, async () => {
        await Promise.all(acts.map((act) => act(scene)));
        await assertUnharmed(scene);
      });
    }
  });
}
