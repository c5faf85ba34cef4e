/** What stands behind a right without "=" is told as what it is, not run as a script. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { parseRights } from "../../lib/script/rights.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";

const LATCH = fileURLToPath(new URL("../../lib/cli/latch.ts", import.meta.url));
const SCRIPT = "console.log('ran', ...Deno.args);\n";

/** Runs `latch run` in a folder with a script, a program and a folder. */
async function run(...words: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const folder = await Deno.makeTempDir({ prefix: "latch-" });
  try {
    await Deno.writeTextFile(`${folder}/script.ts`, SCRIPT);
    await Deno.writeTextFile(`${folder}/demo.exe`, "MZ");
    await Deno.mkdir(`${folder}/dumps`);
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", LATCH, "run", "--no-prompt", ...words],
      ...{ cwd: folder, stdin: "null", env: { NO_COLOR: "1" } } as const,
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)) as [string, string];
    return { code, out, err };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const LISTED = 'what a right is for follows it behind "=", as in ';

/** What is typed before `script.ts`, what is no script, and the right form. */
const LOOSE: readonly (readonly [words: readonly string[], what: string, advice: string])[] = [
  [["--allow-launch", "demo.exe"], "demo.exe", `${LISTED}--allow-launch=demo.exe`],
  [["--allow-launch", "not-there.exe"], "not-there.exe", `${LISTED}--allow-launch=not-there.exe`],
  [["--allow-control", "--allow-attach", "4242"], "4242", `${LISTED}--allow-attach=4242`],
  [["--allow-dump", "dumps"], "dumps", `${LISTED}--allow-dump=dumps`],
  [["--allow-connect", "lab7:5005"], "lab7:5005", `${LISTED}--allow-connect=lab7:5005`],
  [
    ["--allow-symbols", "https://lab7/symbols"],
    "https://lab7/symbols",
    `${LISTED}--allow-symbols=https://lab7/symbols`,
  ],
  [["--deny-terminate", "demo.exe", "--allow-launch"], "demo.exe", `${LISTED}--deny-terminate=demo.exe`],
  [["--allow-read-memory", "all"], "all", "--allow-read-memory takes no list"],
  [["-R", "dumps"], "dumps", `${LISTED}--allow-read=dumps`],
  [["--deny-net", "lab7"], "lab7", `${LISTED}--deny-net=lab7`],
];

for (const [words, what, advice] of LOOSE) {
  Deno.test(`latch run ${words.join(" ")} script.ts says what the right form is`, async () => {
    const { code, out, err } = await run(...words, "script.ts");
    assert.deepEqual([code, out], [EXIT.usage, ""]);
    assert.equal(err, `error: Cannot run "${what}", which is no script: ${advice}\n`);
  });
}

Deno.test("a right before a script stays one for everything, and a space in one word is told", async () => {
  assert.deepEqual(await run("--allow-launch", "script.ts", "demo.exe"), { code: 0, out: "ran demo.exe\n", err: "" });
  assert.deepEqual(await run("--allow-launch", "--", "script.ts"), { code: 0, out: "ran\n", err: "" });
  const { code, err } = await run("--allow-launch demo.exe", "script.ts");
  assert.deepEqual(
    [code, err],
    [EXIT.usage, `error: Cannot use "--allow-launch demo.exe": ${LISTED}--allow-launch=demo.exe\n`],
  );
  assert.match(
    (await run("--allow-run", "deno", "script.ts")).err,
    /^error: Cannot confine a script with --allow-run: /,
  );
  assert.match((await run("dumps")).err, /^error: Cannot run dumps: it is a folder; /);
});

Deno.test("rights that are given by a program, or declared, say the same", () => {
  for (const rights of [["--allow-launch", "demo.exe"], ["--allow-launch demo.exe"]]) {
    assert.throws(() => parseRights(rights), {
      name: "TypeError",
      message: /behind "=", as in --allow-launch=demo\.exe$/,
    });
  }
  assert.throws(() => parseRights(["--allow-launch=a.exe", "demo.exe"]), {
    message: /it is no --allow-… or --deny-…$/,
  });
});
