import assert from "node:assert/strict";
import {
  filesThatFit,
  hasLong,
  isOfTheRest,
  isOnlyLong,
  planFiles,
  PLANNED,
  REST,
  secondsOf,
} from "../../scripts/dev/gates/plan.ts";
import { readWords } from "../../scripts/dev/gates/words.ts";

const TESTS = new URL("../", import.meta.url);
const SHORT = { isLong: false };
const OTHER = "tests/live/a_test.ts";

/** All of the tests' source files, as paths from the root. */
function sources(folder = ""): string[] {
  return [...Deno.readDirSync(new URL(folder, TESTS))].flatMap(({ name, isDirectory }) =>
    isDirectory ? sources(`${folder}${name}/`) : name.endsWith(".ts") ? [`tests/${folder}${name}`] : []
  );
}

Deno.test("the plan knows the long counts of every test file that has some, and of no other", () => {
  const all = sources();
  assert.deepEqual(PLANNED.filter((file) => !all.includes(file)), [], "planned files are there");
  const asking = all.filter((file) => {
    const text = Deno.readTextFileSync(new URL(`../${file}`, TESTS));
    return /^(?:import|export) [^;]*"[./]*\/count\.ts";$/m.test(text);
  });
  assert.deepEqual(asking.filter((file) => !file.endsWith("_test.ts")), [], "what tests share is told the count");
  assert.deepEqual(asking.toSorted(), PLANNED.filter(hasLong).toSorted());
  assert.deepEqual(PLANNED.filter(isOnlyLong), ["tests/host/real_test.ts"]);
});

Deno.test("planFiles() puts long files first and sets those apart that must be alone", () => {
  const [long, short, alone] = ["tests/live/process_server", "tests/v8/session", "tests/live/interrupt"];
  const files = [OTHER, `${short}_test.ts`, `${alone}_test.ts`, `${long}_test.ts`];
  const beside = [`${long}_test.ts`, `${short}_test.ts`, OTHER];
  assert.deepEqual(planFiles(files, SHORT), { beside, alone: [`${alone}_test.ts`] });
  const first = (isLong: boolean): string | undefined =>
    planFiles(["tests/live/process_server_test.ts", "tests/live/endurance_test.ts"], { isLong }).beside[0];
  assert.deepEqual([first(false), first(true)], ["tests/live/process_server_test.ts", "tests/live/endurance_test.ts"]);
});

Deno.test("filesThatFit() takes as many files with long counts as the time allows", () => {
  const long = PLANNED.filter(hasLong);
  const all = [OTHER, ...PLANNED];
  assert.deepEqual(filesThatFit(all, 2, 1e6).fitting.toSorted(), long.toSorted());
  assert.deepEqual(filesThatFit(all, 2, 1), { fitting: [], others: filesThatFit(all, 2, 1e6).fitting });
  const total = long.reduce((seconds, file) => seconds + secondsOf(file, { isLong: true }), 0);
  const { fitting, others } = filesThatFit(all, 1, total - 1);
  assert.equal(others.length, 1, "only the longest is left out");
  assert.deepEqual([...fitting, ...others].toSorted(), long.toSorted());
});

Deno.test("readWords() reads a command line", () => {
  const words = readWords([
    "attach",
    "--live",
    "--long",
    "--minutes=20",
    "--timeout=60",
    "--lanes=1",
    "--filter=own",
    "host/",
  ]);
  const numbers = { minutes: 20, timeout: 60, lanes: 1, filter: "own" };
  assert.deepEqual(words, { names: ["attach", "host/"], kind: "live", isRest: false, isLong: true, ...numbers });
  const none = {
    minutes: undefined,
    timeout: undefined,
    filter: undefined,
    lanes: Deno.build.os === "windows" ? 1 : 2,
  };
  assert.deepEqual(readWords([]), { names: [], kind: "all", isRest: false, isLong: false, ...none });
  assert.equal(readWords(["--live", "--native"]).kind, "all");
});

Deno.test("a short run leaves out files that are there, and has the same of each folder", () => {
  const all = sources().filter((file) => file.endsWith("_test.ts"));
  const { rest = [], kept = [] } = Object.groupBy(all, (file) => isOfTheRest(file) ? "rest" : "kept");
  assert.deepEqual(rest.toSorted(), REST.toSorted());
  const folders = (files: readonly string[]): Set<string> => new Set(files.map((file) => file.split("/")[1] ?? ""));
  assert.ok(folders(rest).isSubsetOf(folders(kept)));
});

Deno.test("readWords() refuses what is no number, and what is not there", () => {
  for (const value of ["", "0", "-1", "1.5", "x", "60s", "1e9", " 1", "12345678"]) {
    for (const name of ["timeout", "lanes", "minutes"]) {
      assert.throws(
        () => readWords(["--long", `--${name}=${value}`]),
        new RegExp(`^TypeError: --${name}=.* no number`),
      );
    }
  }
  assert.throws(() => readWords(["--minutes=3"]), /add --long/);
  assert.throws(() => readWords(["--retry"]), TypeError);
});
