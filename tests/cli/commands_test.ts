/** The command tree: help, examples, usage, completions. Natively, with no engine. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Command } from "npm:commander@15.1.0";
import { commandNodes, completionScript, helpText } from "../../lib/cli/completions.ts";
import { SHELLS } from "../../lib/cli/commands/completions.ts";
import { latchCommand } from "../../lib/cli/main.ts";
import { splitWords } from "../../lib/cli/options.ts";

const ENTRY = fileURLToPath(new URL("../../lib/cli/latch.ts", import.meta.url));

function all(command: Command): Command[] {
  return [command, ...command.commands.flatMap(all)];
}

/** The examples at the end of a command's help. */
function examples(command: Command): string[] {
  const [, end = ""] = helpText(command).split("\nExamples:\n");
  return end.split("\n").filter((line) => line.startsWith("  latch")).map((line) =>
    line.trim().split(/ {2,}/)[0] ?? ""
  );
}

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function latch(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const words = ["run", "-A", "--no-check", ENTRY, ...args];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: words, env }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

Deno.test("each command has a description, a help for each option, and examples", async () => {
  for (const command of all(await latchCommand())) {
    const name = command.name();
    assert.ok(command.description().length > 10, name);
    assert.ok(examples(command).length > 0, name);
    for (const option of command.options) assert.ok(option.description, `${name} ${option.flags}`);
  }
});

Deno.test("the list of commands says what the commands say of themselves", async () => {
  const [whole, list] = [await latchCommand(), await latchCommand(["--help"])];
  const said = (tree: Command): string[] => tree.commands.map((one) => `${one.name()}: ${one.description()}`);
  assert.deepEqual(said(list), said(whole));
  assert.equal(all(await latchCommand(["dump", "show"])).length, 4, "latch, dump and its two");
});

Deno.test("each example is a command line that is understood", async () => {
  for (const command of all(await latchCommand())) {
    for (const line of examples(command)) {
      const [program, ...words] = splitWords(line.replace(/ >>? .*$/, ""));
      assert.equal(program, "latch");
      const tree = await latchCommand();
      let ran = "";
      for (const one of all(tree)) if (one !== tree) one.action(() => void (ran = one.name()));
      await tree.parseAsync(words, { from: "user" });
      assert.notEqual(ran, "", line);
    }
  }
});

Deno.test("help and version go to stdout, with exit code 0", async () => {
  const help = await latch(["attach", "--help"]);
  assert.equal(help.code, 0);
  assert.match(help.out, /^Usage: latch attach [^]*--noninvasive[^]*Examples:\n {2}latch attach app\.exe /);
  assert.equal(help.err, "");
  const version = await latch(["--version"]);
  assert.deepEqual([version.code, version.err], [0, ""]);
  assert.match(version.out, /^latch \d+\.\d+\.\d+\n$/);
});

Deno.test("wrong usage is one line that names the help, with exit code 2", async () => {
  const lines: readonly (readonly [args: string[], message: RegExp])[] = [
    [["attach"], /^error: missing required argument 'target'; see latch attach --help\n$/],
    [["attach", "app.exe", "--exeption"], /^error: unknown option '--exeption'.*; see latch attach --help\n$/],
    [["atach", "app.exe"], /^error: .*atach.*; see latch --help\n$/],
    [["attach", "app.exe", "--on", "exeption"], /^error: .*"exeption" is no event.*; see latch attach --help\n$/],
    [["attach", "0"], /^error: 0 is no process id; see latch attach --help\n$/],
    [["dump", "write", "1"], /^error: missing required argument 'file'; see latch dump write --help\n$/],
    [
      ["attach", "1", "--noninvasive", "--on", "output"],
      /^error: --noninvasive only looks.*; see latch attach --help\n$/,
    ],
    [["launch", "--env", "X", "--", "a.exe"], /^error: "X" is no variable.*; see latch launch --help\n$/],
    [["completions", "tcsh"], /^error: .*'tcsh'.*; see latch completions --help\n$/],
  ];
  await Promise.all(lines.map(async ([args, message]) => {
    const { code, out, err } = await latch(args);
    assert.match(err, message);
    assert.deepEqual([code, out], [2, ""], args.join(" "));
  }));
  const nothing = await latch([]);
  assert.deepEqual([nothing.code, nothing.out], [2, ""]);
  assert.match(nothing.err, /^Usage: latch/);
});

Deno.test("without a host the error says how to get one, with exit code 4", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const cabinet = await Deno.makeTempFile();
  await Deno.writeTextFile(cabinet, "MSCF"); // what is in it the engine alone can tell
  for (const args of [["ps"], ["launch", "--", "a.exe"], ["dump", "show", cabinet], ["engine"]]) {
    const { code, out, err } = await latch(args, { LATCH_HOST: "/nowhere/host" });
    assert.equal(code, 4, args.join(" "));
    assert.equal(out, "");
    assert.match(err, /^error: .*\/nowhere\/host.*latch engine fetch.*\n$/);
  }
  await Deno.remove(cabinet);
});

Deno.test("an option of the program that is launched is not one of latch's", async () => {
  const tree = await latchCommand();
  const launch = tree.commands.find((one) => one.name() === "launch");
  let seen: unknown;
  launch?.action((program: string, args: string[], options: { json?: boolean }) =>
    void (seen = [program, args, options.json])
  );
  await tree.parseAsync(["launch", "app.exe", "--json", "--help"], { from: "user" });
  assert.deepEqual(seen, ["app.exe", ["--json", "--help"], undefined]);
});

Deno.test("completions name every command and every option, in every shell", async () => {
  const tree = await latchCommand();
  const nodes = commandNodes(tree);
  assert.equal(nodes.length, all(tree).length);
  assert.deepEqual(nodes.find(({ path }) => path === "latch attach")?.argument, "process");
  for (const shell of SHELLS) {
    const script = completionScript(shell, tree);
    for (const { path, options } of nodes) {
      assert.ok(script.includes(path), `${shell}: ${path}`);
      for (const { long } of options) assert.ok(script.includes(long.replace(/^--/, "")), `${shell}: ${long}`);
    }
  }
});

/** What bash offers for the last of some words. */
async function bashOffers(...words: readonly string[]): Promise<string[]> {
  const quoted = words.map((word) => `'${word}'`).join(" ");
  const script = `${completionScript("bash", await latchCommand())}
COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _latch; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { code, stdout, stderr } = await new Deno.Command("bash", { args: ["-c", script] }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
}

Deno.test("bash completes commands, options and their values", { ignore: Deno.build.os === "windows" }, async () => {
  assert.deepEqual(await bashOffers("latch", "d"), ["dump", "doctor"]);
  assert.deepEqual((await bashOffers("latch", "dump", "")).sort(), ["show", "write"]);
  assert.deepEqual(await bashOffers("latch", "attach", "--no"), ["--noninvasive", "--no-break"]);
  assert.deepEqual(await bashOffers("latch", "dump", "write", "1", "--fu"), ["--full"]);
  assert.deepEqual(await bashOffers("latch", "attach", "1", "--on", "exc"), ["exception"]);
  assert.deepEqual(await bashOffers("latch", "completions", "p"), ["powershell"]);
  assert.deepEqual(await bashOffers("latch", "run", "--allow-att"), ["--allow-attach"]);
  assert.deepEqual(await bashOffers("latch", "attach", "no-such-process"), []);
});

/** Shells that are on this machine. */
function installed(...names: readonly string[]): string[] {
  if (Deno.build.os === "windows") return [];
  const isThere = (name: string): boolean =>
    new Deno.Command("sh", { args: ["-c", `command -v ${name}`], stdout: "null" }).outputSync().success;
  return names.filter(isThere);
}

for (const shell of installed("zsh", "fish") as ("zsh" | "fish")[]) {
  Deno.test(`${shell} reads its completions`, async () => {
    const file = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(file, completionScript(shell, await latchCommand()));
      const { code, stderr } = await new Deno.Command(shell, { args: ["-n", file] }).output();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
    } finally {
      await Deno.remove(file);
    }
  });
}

for (const args of [["dump", "show", ENTRY], ["schedule", "check", "x.json"]]) {
  Deno.test(`latch ${args[0]} ${args[1]} without the right to read says which it lacks, and ends with 5`, async () => {
    const command = new Deno.Command(Deno.execPath(), { args: ["run", "--no-prompt", "--no-check", ENTRY, ...args] });
    const { code, stdout, stderr } = await command.output();
    assert.deepEqual([code, stdout.length], [5, 0]);
    assert.match(
      new TextDecoder().decode(stderr),
      /^error: Requires read access to "[^"]+", run again with the --allow-read flag$/m,
    );
  });
}
