/**
 * What people type wrong: every command is given inputs that are drawn, and says in one line what is wrong, in words. LATCH_SEED=SEED draws the same
 * again. Commands that would fetch much, or wait for what comes, are only given what they refuse.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Command, Option } from "npm:commander@15.1.0";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import { latchCommand } from "../../lib/cli/main.ts";
import { count } from "../count.ts";
import { Draw } from "../script/attacker/draw.ts";
import { Bench, type Ran } from "./latch_support.ts";

const SEED = Number(
  Deno.env.get("LATCH_SEED") ?? (count(0, 1) ? crypto.getRandomValues(new Uint32Array(1))[0] : 20261130),
);
const INPUTS = count(2, 200);

/** How long a command may take to say no, in milliseconds. */
const LIMIT = 60_000;

/** Files that are not what they are taken for. */
const FILES: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = {
  "empty.dmp": new Uint8Array(),
  "text.txt": new TextEncoder().encode("not a program\n"),
  "packed.dmp": Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0),
  "cut.dmp": new TextEncoder().encode("MDMP\x93\xa7"),
  "cut.exe": new TextEncoder().encode("MZ\x90\0\x03"),
  "broken.json": new TextEncoder().encode('{"jobs": ['),
  "other.json": new TextEncoder().encode('{"jobs": [{"name": 7}], "x": null}'),
  "wrong.ts": new TextEncoder().encode("import 'nowhere.ts';\n"),
};

/** Texts that mean nothing, or nothing that is there. */
const TEXTS: readonly string[] = [
  ...["", " ", "-", "--", "0", "-1", "1.5", "NaN", "1e999", "4294967295", "18446744073709551616", "nobody-here.exe"],
  ...[
    "C:\\nowhere\\app.exe",
    "/nowhere/app.exe",
    ".",
    "..",
    "folder",
    "folder/",
    "x".repeat(3_000),
    "ä\u202e\u0007",
    "x\ny",
  ],
  ...[
    "%NOWHERE%",
    "$(nothing)",
    "a=b",
    "=b",
    "tcp:",
    "tcp:port=x",
    "tcp:server=,port=1",
    "tcp:server=127.0.0.1,port=1",
  ],
  ...[
    "npipe:pipe=",
    "http://127.0.0.1:1/",
    "https://",
    "srv*",
    "127.0.0.1:1",
    "*=nothing",
    "loadModule,nothing",
    ...Object.keys(FILES),
  ],
];

/** A command, and the words that name it. */
interface Named {
  readonly words: readonly string[];
  readonly command: Command;
}

function leaves(command: Command, words: readonly string[] = []): Named[] {
  const own = command.commands.length === 0 || words.join() === "engine" || words.join() === "history";
  return [
    ...own ? [{ words, command }] : [],
    ...command.commands.flatMap((child) => leaves(child, [...words, child.name()])),
  ];
}

/** One command line. */
function drawn({ words, command }: Named, draw: Draw): string[] {
  const options = command.options.filter(({ long }) => long !== "--version");
  const flags = options.filter(() => draw.oneIn(4)).flatMap((option: Option) =>
    option.required ? [option.long ?? "", draw.pick(TEXTS)] : [option.long ?? ""]
  );
  if (draw.oneIn(6)) flags.push(draw.pick(["--nothing", "-Q", "--json=x", "--timeout"]));
  const most = command.registeredArguments.length + 1;
  const values = Array.from({ length: draw.below(most + 1) }, () => draw.pick(TEXTS));
  const line = [...words, ...flags, ...values];
  // What these would do is no mistake.
  const isQuiet = ["engine", "doctor", "serve", "schedule", "history", "ps", "completions"].includes(words[0] ?? "");
  return isQuiet || words[1] === "install" ? [...line, "--nothing"] : line;
}

/** What is not as it has to be. */
function fault({ code, out, err }: Ran): string | undefined {
  if (!Object.values(EXIT).some((known) => known === code)) return `exit code ${code}`;
  if (code === EXIT.done) return undefined; // it was nothing wrong
  if (code === EXIT.usage && out !== "") return "it prints something besides";
  const errors = err.split("\n").filter((line) => line.startsWith("error: "));
  if (errors.length !== 1 && code !== EXIT.found) return `${errors.length} errors`;
  const told = `${out}\n${err}`;
  if (/^\s+at .*\/lib\/.*:\d+:\d+\)?$/m.test(told)) return "a stack trace of Latch's"; // not of a script's
  if (/Uncaught|HRESULT|returned 0x|undefined|\[object/.test(told)) return "not for people";
  // A code stands behind its name, or has it in brackets.
  const bare = told.match(/(?<![A-Z_]{4} )\b0x[89A-Fa-f][0-9A-Fa-f]{7}\b(?! \()/);
  return bare ? `the bare code ${bare[0]}` : undefined;
}

Deno.test(`each command is given ${INPUTS} wrong inputs: it says what is wrong in one line, and leaves nothing behind`, async () => {
  await using bench = await Bench.make();
  for (const [name, bytes] of Object.entries(FILES)) await Deno.writeFile(join(bench.folder, name), bytes);
  await Deno.mkdir(join(bench.folder, "folder"));
  const before = namesIn(bench.folder);
  const faults: string[] = [];
  for (const [index, leaf] of leaves(await latchCommand()).entries()) {
    if (leaf.words.join(" ") === "engine fetch") continue; // it has only switches
    const draw = new Draw(SEED + index);
    const lines = Array.from({ length: INPUTS }, () => drawn(leaf, draw));
    for (const line of lines) {
      const found = await tried(bench, line);
      if (found) faults.push(found);
    }
  }
  assert.deepEqual(faults, [], `LATCH_SEED=${SEED}`);
  assert.deepEqual(namesIn(bench.folder), before);
});

async function tried(bench: Bench, line: readonly string[]): Promise<string | undefined> {
  const child = bench.command(line, {
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { XDG_STATE_HOME: bench.folder },
  });
  const running = child.spawn();
  const timer = setTimeout(() => running.kill("SIGKILL"), LIMIT);
  const { code, stdout, stderr } = await running.output();
  clearTimeout(timer);
  const decoder = new TextDecoder();
  const ran = { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
  const what = fault(ran);
  return what &&
    `latch ${JSON.stringify(line).slice(0, 300)}: ${what}\n${ran.out.slice(0, 300)}${ran.err.slice(0, 500)}`;
}

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).toSorted();
}
