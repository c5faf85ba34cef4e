/**
 * The rights of permissioned scripts, live: for each a script that works with it, fails without it in the right words, and works
 * as it is when it is trusted.
 */
import assert from "node:assert/strict";
import { fromFileUrl } from "../../lib/script/files.ts";
import { RIGHTS } from "../../lib/script/need.ts";
import { isLong } from "../count.ts";
import { Bench, lines } from "./latch_support.ts";
import { type Result, run } from "./native_support.ts";

/** Rights without which scripts are run every time: tests/script/matrix_test.ts does that for all, with a scripted engine. */
const WHOLE = ["attach", "execute"];

/** What a row's functions get. */
interface Place {
  /** The folder's path as Windows programs see it. */
  readonly folder: string;
  readonly heartbeat: readonly string[];
  /** Starts a heartbeat of a name that no other process has. */
  start(): Promise<string>;
}

interface Row {
  /** The script, and what it needs beside the right. */
  readonly script: string;
  readonly args: (place: Place) => Promise<readonly string[]> | readonly string[];
  readonly others: (place: Place) => readonly string[];
  /** What the right's list has, if it has one. */
  readonly value?: (place: Place, args: readonly string[]) => string;
  /** What the error says, behind the right's name. */
  readonly says?: (place: Place, args: readonly string[]) => string;
}

const launching = ({ heartbeat }: Place): string[] => [`--allow-launch=${heartbeat[0]}`];
const none = (): string[] => [];
const PORT = 20_000 + Math.floor(Math.random() * 20_000);

const ROWS: Readonly<Record<string, Row>> = {
  attach: {
    script: "attach.ts",
    args: async ({ start }) => [await start()],
    others: none,
    value: (_, [name = ""]) => name,
    says: (_, [name]) => `to "${name}", run again with --allow-attach=${name}`,
  },
  launch: {
    script: "launch.ts",
    args: ({ heartbeat }) => heartbeat,
    others: none,
    value: ({ heartbeat }) => heartbeat[0] ?? "",
    says: ({ heartbeat }) => `to "${heartbeat[0]}", run again with '--allow-launch=${heartbeat[0]}'`,
  },
  connect: {
    script: "connect.ts",
    args: () => [`tcp:server=127.0.0.1,port=${PORT}`],
    others: none,
    value: () => `127.0.0.1:${PORT}`,
    says: () => `to "127.0.0.1:${PORT}", run again with --allow-connect=127.0.0.1:${PORT}`,
  },
  "read-memory": { script: "read_memory.ts", args: ({ heartbeat }) => heartbeat, others: launching },
  "write-memory": { script: "write_memory.ts", args: ({ heartbeat }) => heartbeat, others: launching },
  control: { script: "control.ts", args: ({ heartbeat }) => heartbeat, others: launching },
  execute: {
    script: "execute.ts",
    args: ({ heartbeat }) => heartbeat,
    others: launching,
    value: () => "lm",
    says: () => 'to "lm", run again with --allow-execute=lm',
  },
  dump: {
    script: "dump.ts",
    args: ({ folder, heartbeat }) => [`${folder}\\a.dmp`, ...heartbeat],
    others: launching,
    value: ({ folder }) => folder,
    says: ({ folder }) => `to "${folder}\\a.dmp", run again with '--allow-dump=${folder}\\a.dmp'`,
  },
  terminate: {
    script: "terminate.ts",
    args: async ({ start }) => [await start()],
    others: () => ["--allow-attach"],
    value: (_, [name = ""]) => name,
    says: (_, [name]) => `to "${name}", run again with --allow-terminate=${name}`,
  },
  symbols: {
    script: "symbols.ts",
    args: ({ folder, heartbeat }) => [folder, ...heartbeat],
    others: launching,
    value: ({ folder }) => folder,
    says: ({ folder }) => `to "${folder}", run again with '--allow-symbols=${folder}'`,
  },
};

const bench = await Bench.make("heartbeat", "crash");
Deno.env.set("LATCH_HOST", bench.env.LATCH_HOST ?? "");
const folder = `Z:${bench.folder.replaceAll("/", "\\")}`;
const heartbeat = [`${folder}\\heartbeat.exe`, `${folder}\\count.txt`, "10", "--seconds", "60"];

async function start(): Promise<string> {
  const name = await bench.rename("heartbeat");
  bench.start(name, `${folder}\\${name}.txt`, "10", "--seconds", "120");
  for (let tries = 0; tries < 200; tries++) {
    if (await Deno.stat(`${bench.folder}/${name}.txt`).then(({ size }) => size > 0, () => false)) return name;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${name} did not start`);
}

const place: Place = { folder, heartbeat, start };

const scriptOf = ({ script }: Row): string => fromFileUrl(new URL(`scripts/rights/${script}`, import.meta.url));

function works({ code, text, errors }: Result): void {
  assert.equal(text, "works true\n", errors);
  assert.equal(code, 0, errors);
}

async function confined(rights: readonly string[], row: Row, args: readonly string[]): Promise<Result> {
  const { code, out, err } = await bench.latch("run", "--no-prompt", ...rights, scriptOf(row), ...args);
  return { code, text: out, errors: err };
}

/** A process server in the Wine host, while something is done. */
async function serving(action: () => Promise<void>): Promise<void> {
  const child = bench.command(["serve", `tcp:port=${PORT}`], { stdin: "null", stdout: "piped", stderr: "null" })
    .spawn();
  const reading = lines(child.stdout);
  try {
    await reading.next();
    await action();
  } finally {
    child.kill("SIGTERM");
    await reading.return();
    await child.status;
  }
}

const plainly = (action: () => Promise<void>): Promise<void> => action();

/** With its right a script works. */
async function worksWith(right: string, row: Row): Promise<void> {
  const args = await row.args(place);
  const granted = row.value ? `--allow-${right}=${row.value(place, args)}` : `--allow-${right}`;
  works(await confined([...row.others(place), granted], row, args));
}

/** Without its right, or where that is denied, it fails in the right words; trusted it works as it is. */
async function failsWithout(right: string, row: Row): Promise<void> {
  const others = row.others(place);
  const args = await row.args(place);
  const without = await confined(others, row, args);
  const what = row.says?.(place, args) ?? "";
  const expected = `NotCapable: Requires ${right} access${what === "" ? "," : ` ${what}`}`;
  assert.ok(without.errors.includes(expected), `${expected}\n${without.errors}`);
  assert.deepEqual([without.code, without.text], [1, ""]);
  const denied = await confined([...others, `--allow-${right}`, `--deny-${right}`], row, args);
  assert.ok(denied.errors.includes(`which --deny-${right} forbids`), denied.errors);
  works(await run(`tests/host/scripts/rights/${row.script}`, args, { rights: ["--allow-run"] }));
}

for (const [right, row] of Object.entries(ROWS)) {
  const around = right === "connect" ? serving : plainly;
  Deno.test(`${row.script} works with --allow-${right}`, () => around(() => worksWith(right, row)));
  if (!isLong && !WHOLE.includes(right)) continue;
  Deno.test(`${row.script} fails without --allow-${right}, and works trusted`, () =>
    around(() => failsWithout(right, row)));
}

Deno.test("the matrix has every right", () => {
  assert.deepEqual(Object.keys(ROWS).sort(), Object.keys(RIGHTS).sort());
});

Deno.test("examples/confined.ts works with what it declares, and trusted", async () => {
  const example = fromFileUrl(new URL("../../examples/confined.ts", import.meta.url));
  const crash = `${folder}\\crash.exe`;
  const { code, out, err } = await bench.latch("run", "--no-prompt", "--allow-declared", example, crash);
  assert.match(err, /declares that it needs --allow-launch --allow-read-memory \(granted\)\n/);
  assert.match(out, /^STATUS_ACCESS_VIOLATION in crash!write_through: [0-9a-f]{16}\n/);
  assert.equal(code, 0, err);
  const less = await bench.latch("run", "--no-prompt", "--allow-launch", example, crash);
  assert.match(less.err, /not granted by that/);
  assert.match(less.out, /write_through: \(Requires read-memory access, run again with --allow-read-memory\)\n/);
  const trusted = await run("examples/confined.ts", [crash], { rights: ["--allow-run"] });
  assert.equal(trusted.text, out);
});

Deno.test.afterAll(() => bench[Symbol.asyncDispose]());
