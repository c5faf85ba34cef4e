import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { command, runtimes } from "./support.ts";

const EXAMPLE = fileURLToPath(new URL("../../examples/script.ts", import.meta.url));

/** The permissions that the example's first line gives, with a runtime's name or path in the place of Node's. */
function permissions(program: string): string[] {
  const [first = ""] = Deno.readTextFileSync(EXAMPLE).split("\n");
  const [, flags = ""] = /^\/\/ deno run (.+) examples\/script\.ts node script\.mjs$/.exec(first) ?? [];
  return flags.replace("--allow-run=node", `--allow-run=${program}`).split(" ");
}

async function run(flags: readonly string[], words: readonly string[]): Promise<{
  readonly code: number;
  readonly text: string;
  readonly errors: string;
}> {
  const args = ["run", "--no-prompt", "--no-check", ...flags, EXAMPLE, ...words];
  const env = { NO_COLOR: "1" };
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, env, stdin: "null" }).output();
  return { code, text: new TextDecoder().decode(stdout), errors: new TextDecoder().decode(stderr) };
}

for (const runtime of runtimes) {
  Deno.test(`${runtime}: script.ts prints exceptions with their stacks, source lines and the exit code`, async () => {
    const words = command(runtime, "events.mjs");
    const { code, text, errors } = await run(permissions(words[0] ?? ""), words);
    assert.equal(code, 0, errors);
    assert.match(text, /^thrown: TypeError$/m);
    assert.match(text, /^ {4}.+ {2}file:\S*events\.mjs:5 {2}throw new TypeError\("first chance"\);$/m);
    assert.match(text, /^exit code 7$/m);
    assert.doesNotMatch(text, / (node|ext):/);
    const uncaught = await run(permissions(words[0] ?? ""), command(runtime, "uncaught.mjs"));
    assert.match(uncaught.text, /^thrown: OwnError\n {4}[^\n]+\n(.*\n)*uncaught: OwnError\n/m);
    assert.match(uncaught.text, /^exit code 1$/m);
  });
}

Deno.test("script.ts has 40 lines at most, says its usage, and fails in one line", async () => {
  assert(Deno.readTextFileSync(EXAMPLE).trimEnd().split("\n").length <= 40);
  const flags = permissions("node");
  assert.equal(flags.length, 3);
  for (const words of [[], ["--help"]]) {
    const { code, errors } = await run(flags, words);
    assert.equal(code, 2);
    assert.match(errors, /^Usage: deno run [^\n]+ examples\/script\.ts [^\n]+\n$/);
  }
  for (const words of [["cmd.exe", "x"], ["deno", "x.ts"]]) {
    const { code, errors } = await run(flags, words);
    assert.equal(code, 1);
    assert.match(errors, /^Cannot launch [^\n]+\n$/);
  }
});
