/** What a script declares: what is granted is what was shown. `latch run` as anybody runs it, with rights of Deno's. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { declaredRights, shownRights } from "../../lib/script/declared.ts";

const LATCH = fileURLToPath(new URL("../../lib/cli/latch.ts", import.meta.url));

const hosts = (count: number): string[] => Array.from({ length: count }, (_, index) => `host${index + 100}.lab`);
const long = (count: number): string => `--allow-net=${hosts(count).join()}`;

/** Runs a script that declares flags and says which hosts it may reach. */
async function run(flags: readonly string[], ...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const folder = await Deno.makeTempDir({ prefix: "latch-" });
  try {
    const script = `${folder}/script.ts`;
    const body =
      `console.log(Deno.args.map((host) => Deno.permissions.querySync({ name: "net", host }).state).join());`;
    await Deno.writeTextFile(script, `export const rights = ${JSON.stringify(flags)};\n${body}\n`);
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", LATCH, "run", "--no-prompt", ...words, script, "host100.lab", "last.lab"],
      ...{ stdin: "null", env: { NO_COLOR: "1" } } as const,
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)) as [string, string];
    return { code, out, err: err.replaceAll(script, "SCRIPT") };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const SHOWN: readonly (readonly [name: string, flags: readonly string[], shown: string])[] = [
  ["short", ["--allow-net=host100.lab,last.lab"], "--allow-net=host100.lab,last.lab"],
  ["one of nearly 2,000", [`${long(160)},last.lab`], `${long(160)},last.lab`],
  [
    "many flags",
    ["--allow-control", long(20), "--allow-net=last.lab"],
    `--allow-control ${long(20)} --allow-net=last.lab`,
  ],
];

for (const [name, flags, shown] of SHOWN) {
  Deno.test(`what is granted is shown whole: ${name}`, async () => {
    const { code, out, err } = await run(flags, "--allow-declared");
    assert.deepEqual([code, out, err], [0, "granted,granted\n", `SCRIPT declares that it needs ${shown} (granted)\n`]);
  });
}

const UNSHOWN: readonly (readonly [name: string, flags: readonly string[]])[] = [
  ["one long flag", [`${long(200)},last.lab`]],
  ["many flags", [...hosts(100).map((host) => `--allow-net=${host}`), "--allow-net=last.lab"]],
];

for (const [name, flags] of UNSHOWN) {
  Deno.test(`what is too long to be shown is not granted: ${name}`, async () => {
    const { code, out, err } = await run(flags, "--allow-declared");
    const reason = "it is too long to be read; name the rights that it is to have";
    assert.deepEqual([code, out, err], [2, "", `error: Cannot grant what SCRIPT declares: ${reason}\n`]);
    const without = await run(flags);
    const told = "SCRIPT declares that it needs more than can be shown (not granted)\n";
    assert.deepEqual([without.code, without.out, without.err], [0, "denied,denied\n", told]);
  });
}

Deno.test("a flag cannot pass for several, nor for the words around it", () => {
  assert.equal(shownRights(["--allow-execute=lm (granted)"]), '"--allow-execute=lm (granted)"');
  assert.equal(
    shownRights(['--allow-execute=.echo "x"', "--allow-dump"]),
    '"--allow-execute=.echo \\"x\\"" --allow-dump',
  );
  assert.equal(shownRights(["--allow-attach=a --allow-control"]), '"--allow-attach=a --allow-control"');
  assert.equal(
    shownRights(["--allow-launch=C:\\app\\a.exe", "--allow-control"]),
    "--allow-launch=C:\\app\\a.exe --allow-control",
  );
  assert.equal(shownRights(["x".repeat(2_000)])?.length, 2_000);
  assert.equal(shownRights(["x".repeat(2_001)]), undefined);
});

for (
  const sign of ["\n", "\r", "\t", "\u001b[2K", "\u202e", "\u200b", "\u00ad", "\u0000", "\u2028", "\ud800", "\ufeff"]
) {
  Deno.test(`a flag with U+${sign.charCodeAt(0).toString(16)}, which does not show, is refused`, () => {
    const source = `export const rights = [${JSON.stringify(`--allow-attach=app${sign}.exe`)}];`;
    assert.throws(() => declaredRights(source), { name: "TypeError", message: /has signs that do not show$/ });
  });
}
