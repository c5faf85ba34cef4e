/** For each right: a call that works with it, and fails in so many words without it and with the deny. */
import assert from "node:assert/strict";
import type { EngineStop } from "../../lib/dbgeng/engine_api.ts";
import { RIGHTS } from "../../lib/script/need.ts";
import { attach, attached, engine, exception, guard, launch } from "./guard_support.ts";

const focus = { processId: 7 };

/** One row. */
interface Row {
  readonly right: string;
  /** The flag's value, where it has a list. */
  readonly value?: string;
  readonly call: readonly [string, ...unknown[]];
  /** What the error says about the thing itself. */
  readonly to?: string;
  /** What to run again with. */
  readonly flag: string;
  /** Whether the call needs a program. */
  readonly alone?: true;
  readonly stops?: readonly EngineStop[];
}

const ROWS: readonly Row[] = [
  {
    right: "attach",
    value: "app.exe",
    call: ["processes", 0n, "app.exe"],
    to: "app.exe",
    flag: "--allow-attach=app.exe",
    alone: true,
  },
  { right: "attach", value: "7", call: ["attach", attach(7)], to: "7", flag: "--allow-attach=7", alone: true },
  { right: "attach", value: "app?.exe", call: ["attach", attach(9)], to: "9", flag: "--allow-attach=9", alone: true },
  {
    right: "launch",
    value: "C:\\a\\app.exe",
    call: ["launch", launch("c:/a/x/../app.exe 1")],
    to: "c:\\a\\app.exe",
    flag: "'--allow-launch=c:\\a\\app.exe'",
    alone: true,
  },
  {
    right: "launch",
    value: "app.exe",
    call: ["launch", launch("app 1")],
    to: "app.exe",
    flag: "--allow-launch=app.exe",
    alone: true,
  },
  {
    right: "connect",
    value: "lab7:5005",
    call: ["connectServer", "tcp:server=LAB7,port=5005"],
    to: "lab7:5005",
    flag: "--allow-connect=lab7:5005",
    alone: true,
  },
  {
    right: "connect",
    value: "lab7",
    call: ["connectServer", "tcp:port=5005,server=lab7"],
    to: "lab7:5005",
    flag: "--allow-connect=lab7:5005",
    alone: true,
  },
  {
    right: "symbols",
    value: "C:\\builds",
    call: ["open", { symbolPath: "c:/builds/42" }],
    to: "c:\\builds\\42",
    flag: "'--allow-symbols=c:\\builds\\42'",
    alone: true,
  },
  {
    right: "symbols",
    value: "cache*",
    call: ["open", { symbolPath: "cache*" }],
    to: "cache*",
    flag: "'--allow-symbols=cache*'",
    alone: true,
  },
  { right: "read-memory", call: ["read", focus, 1n, 2], flag: "--allow-read-memory" },
  { right: "read-memory", call: ["readWithPage", focus, 1n, 2], flag: "--allow-read-memory" },
  { right: "read-memory", call: ["evaluate", focus, "poi(rsp+8)"], flag: "--allow-read-memory" },
  { right: "write-memory", call: ["write", focus, 1n, new Uint8Array(1)], flag: "--allow-write-memory" },
  { right: "control", call: ["registers", focus], flag: "--allow-control" },
  { right: "control", call: ["writeRegister", focus, "rax", 1n], flag: "--allow-control" },
  { right: "control", call: ["run", "stepOver"], flag: "--allow-control" },
  { right: "control", call: ["run", "stepInto"], flag: "--allow-control" },
  { right: "control", call: ["run", "goHandled"], flag: "--allow-control", stops: [exception] },
  { right: "execute", value: "lm", call: ["execute", focus, "lm"], to: "lm", flag: "--allow-execute=lm" },
  {
    right: "execute",
    value: "lm",
    call: ["execute", focus, "lm m ntdll"],
    to: "lm m ntdll",
    flag: "'--allow-execute=lm m ntdll'",
  },
  {
    right: "dump",
    value: "C:\\dumps",
    call: ["writeDump", focus, "c:\\dumps\\a\\b.dmp", "mini", null],
    to: "c:\\dumps\\a\\b.dmp",
    flag: "'--allow-dump=c:\\dumps\\a\\b.dmp'",
  },
  { right: "terminate", value: "app.exe", call: ["terminate", 7], to: "app.exe", flag: "--allow-terminate=app.exe" },
  { right: "terminate", value: "7", call: ["abandon", 7], to: "app.exe", flag: "--allow-terminate=app.exe" },
];

async function perform({ call, alone, stops = [] }: Row, rights: readonly string[]): Promise<readonly string[]> {
  if (alone) {
    const fake = engine();
    await guard(fake, rights).call(...call);
    return fake.log;
  }
  const { call: ask, fake } = await attached(rights, stops);
  for (const _ of stops) await ask("run", "go");
  fake.log.length = 0;
  await ask(...call);
  return fake.log;
}

async function failure(row: Row, rights: readonly string[]): Promise<Error> {
  const fault = await perform(row, rights).then(() => undefined, (error: unknown) => error);
  assert.ok(fault instanceof Deno.errors.NotCapable, `${row.call[0]} with ${rights}: ${fault}`);
  return fault;
}

for (const row of ROWS) {
  const { right, value, to, flag, call, stops } = row;
  const title = `${call.filter((value) => typeof value === "string").join(" ")}${
    stops ? " at an exception" : ""
  } with ${value === undefined ? right : `${right}=${value}`}`;
  const what = to === undefined ? "" : ` to "${to}"`;
  const listed = value === undefined ? `--allow-${right}` : `--allow-${right}=${value}`;

  Deno.test(
    { name: `${title}: works with the right, and reaches the engine`, ignore: Deno.build.os !== "linux" },
    async () => {
      assert.ok((await perform(row, [listed])).some((line) => line.startsWith(call[0])));
      assert.ok((await perform(row, [`--allow-${right}`])).some((line) => line.startsWith(call[0])));
    },
  );

  Deno.test({ name: `${title}: fails without it, in Deno's words`, ignore: Deno.build.os !== "linux" }, async () => {
    const { message } = await failure(row, []);
    assert.equal(message, `Requires ${right} access${what}, run again with ${flag}`);
    if (value !== undefined) await failure(row, [`--allow-${right}=other`]);
  });

  Deno.test({ name: `${title}: fails with the deny`, ignore: Deno.build.os !== "linux" }, async () => {
    const blanket = await failure(row, [listed, `--deny-${right}`]);
    assert.equal(blanket.message, `Requires ${right} access${what}, which --deny-${right} forbids`);
    if (value === undefined) return;
    const specific = await failure(row, [`--allow-${right}`, `--deny-${right}=${value}`]);
    assert.equal(specific.message, `Requires ${right} access${what}, which --deny-${right}=${value} forbids`);
  });
}

Deno.test("the matrix has every right", () => {
  assert.deepEqual([...new Set(ROWS.map(({ right }) => right))].sort(), Object.keys(RIGHTS).sort());
});
