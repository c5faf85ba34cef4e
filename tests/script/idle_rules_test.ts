/**
 * Rules without any effect: for each right and each form that a value may have, a rule that is taken changes what some call comes to, and
 * one that is refused could not have.
 */
import assert from "node:assert/strict";
import { GuardedConnection } from "../../lib/script/guard.ts";
import { type RightName, RIGHTS } from "../../lib/script/need.ts";
import { Permissions } from "../../lib/script/permissions.ts";
import { parseRights, type Rights, type Rule } from "../../lib/script/rights.ts";
import { type AnyCall, attach, created, engine, launch } from "./guard_support.ts";

const FORMS: readonly string[] = [
  ...["app.exe", "app", "APP.EXE", "4242", "007", "0", "4294967296", "*", "web*", "a?p.exe", "é.exe", "my app.exe"],
  ...["C:\\app\\app.exe", "c:/app/app.exe", "C:\\app", "C:\\app\\", "C:\\", "app\\tool.exe", ".\\tool.exe", "..", "."],
  ...[
    "\\\\lab7\\share",
    "\\\\lab7\\share\\app.exe",
    "\\\\lab7",
    "\\\\?\\C:\\app",
    "C:app.exe",
    "/opt/app.exe",
    "~/app",
  ],
  ...["lab7", "lab7:5005", "LAB7:05005", "lab7:0", "lab7:99999", "lab7:x", "lab7:", ":5005", "[::1]:5005", "lab*:5005"],
  ...["tcp:server=lab7", "port=5005", "http://lab7", "https://sym.lab/x", "https://sym.lab", "ftp://sym.lab"],
  ...[
    "https://u@sym.lab",
    "https://sym.lab/%41",
    ...["https://sym.lab./x", "https://sym.lab?x", "https://sym.lab/x#y", "https://*.lab", "HTTPS://SYM.LAB:443//x/"],
    "sym.lab:443",
    "cache*",
    "CACHE*",
    "cache*C:\\c",
    "srv*",
    "srv*C:\\c",
  ],
  ...["%TEMP%", "C:\\100%", "con", "nul.dmp", "C:\\con\\a.dmp", "a|b", 'a"b', "a.", "a ;b", "build.cmd", "build.BAT"],
  ...["C:\\app\\build.cmd", "C:\\dumps\\a.dmp", "C:\\dumps\\*.dmp", "C:\\dumps\\a.dmp:b"],
  ...["lm", ".shell", "!peb", "k;lm", "~*k", "$$<x", "as x y", 'lm "x"', "x\0y", "x".repeat(20_000)],
];

/** What one call, or a few in turn, come to. */
type Try = (call: AnyCall) => Promise<unknown>;

/** Names that files can have, for an entry with patterns. */
function imagesOf(entry: string): string[] {
  const name = entry.replaceAll("*", "x").replaceAll("?", "p");
  // deno-lint-ignore no-control-regex
  return /[\\/:<>"|\u0000-\u001f]/.test(name) || name.length > 255 ? [] : [name, `${name}.exe`];
}

function serversOf(entry: string): string[] {
  const [, host, port = "5005"] = /^([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(\d+))?$/i.exec(entry) ?? [];
  return host === undefined || Number(port) > 65_535 || Number(port) === 0 ? [] : [`tcp:server=${host},port=${port}`];
}

/** The process of an image, or of a number: it is there, and comes up when it is attached to. */
function process(entry: string): { readonly processId: number; readonly name: string }[] {
  const id = Number(entry);
  const byId = Number.isInteger(id) && id > 0 && id < 2 ** 32 ? [{ processId: id, name: "other.exe" }] : [];
  return [...byId, ...imagesOf(entry).map((name, index) => ({ processId: 70 + index, name }))];
}

const TRIES: Readonly<Partial<Record<RightName, (entry: string) => readonly Try[]>>> = {
  attach: (entry) => process(entry).map(({ processId }) => (call) => call("attach", attach(processId))),
  launch: (entry) => /[\\/.]$/.test(entry) ? [] : [(call) => call("launch", launch(`"${entry}"`))],
  connect: (entry) => serversOf(entry).map((server) => (call) => call("connectServer", server)),
  execute: (entry) => [(call) => begun(call, 70).then(() => call("execute", { processId: 70 }, entry))],
  dump: (entry) =>
    [entry, `${entry}\\a.dmp`].map((path) => (call) =>
      begun(call, 70).then(() => call("writeDump", { processId: 70 }, path, "mini", null))
    ),
  terminate: (entry) => [
    ...process(entry).map(({ processId }): Try => (call) =>
      begun(call, processId).then(() => call("terminate", processId))
    ),
    ...serversOf(entry).map((server): Try => async (call) =>
      await call("endServer", await call("connectServer", server))
    ),
  ],
  symbols: (entry) =>
    [entry, `${entry}\\sym`, ...["", "http://", "https://"].map((scheme) => `cache*c:\\own;${scheme}${entry}`)].map(
      (symbolPath) => (call) => call("open", { symbolPath }),
    ),
};

/** Rights that the tries need beside the one that they are about. */
const BESIDE: Readonly<Partial<Record<RightName, readonly string[]>>> = {
  execute: ["--allow-attach"],
  dump: ["--allow-attach"],
  terminate: ["--allow-attach", "--allow-connect"],
  symbols: ["--allow-symbols=c:\\own"],
};

async function begun(call: AnyCall, processId: number): Promise<void> {
  await call("attach", attach(processId));
  await call("run", "go");
}

/** What all tries come to with some rights. */
async function outcomes(right: RightName, entry: string, rights: Rights): Promise<string[]> {
  const all = process(entry);
  const there = all.length > 0 ? all : [{ processId: 70, name: "other.exe" }];
  return await Promise.all((TRIES[right]?.(entry) ?? []).map(async (attempt) => {
    let asked = 70;
    const fake = engine([], {
      processes: () => there,
      attach: (request) => void (asked = (request as { processId: number }).processId),
      run: () => created(asked, there.find(({ processId }) => processId === asked)?.name ?? "other.exe"),
    });
    const guarded = new GuardedConnection(fake, new Permissions(rights));
    const call: AnyCall = (name, ...values) => guarded.call(name as never, ...values as never);
    return await attempt(call).then(() => "granted", (error: unknown) => error instanceof Error ? error.name : "");
  }));
}

/** The same rights with one rule more, which nobody has looked at. */
function withRule(rights: Rights, right: RightName, verb: "allow" | "deny", entry: string): Rights {
  const rule: Rule = rights.rules[right];
  const grant = { all: rule[verb].all, list: [...rule[verb].list, entry] };
  return { ...rights, rules: { ...rights.rules, [right]: { ...rule, [verb]: grant } } };
}

for (const [name, takesList] of Object.entries(RIGHTS)) {
  const right = name as RightName;
  for (const verb of ["allow", "deny"] as const) {
    Deno.test(`--${verb}-${right}=… has an effect, or is refused: ${FORMS.length} forms`, async () => {
      const told = { taken: 0, refused: 0 };
      for (const entry of FORMS) {
        const flag = `--${verb}-${right}=${entry}`;
        const beside = parseRights([...BESIDE[right] ?? [], ...verb === "deny" ? [`--allow-${right}`] : []]);
        const before = await outcomes(right, entry, beside);
        const after = await outcomes(right, entry, withRule(beside, right, verb, entry));
        const hasEffect = before.some((one, index) => one !== after[index]);
        let fault = "";
        try {
          parseRights([flag]);
          told.taken++;
        } catch (error) {
          assert.ok(error instanceof TypeError);
          fault = error.message;
          told.refused++;
          const reason = takesList ? `: ".*" is [a-z]` : `: --${verb}-${right} takes no list$`;
          assert.match(fault, new RegExp(`^Cannot use --${verb}-${right}=.*${reason}`, "s"));
        }
        assert.equal(fault === "", hasEffect, `${JSON.stringify(flag).slice(0, 80)}: ${fault} ${before} ${after}`);
      }
      assert.ok(takesList ? told.taken > 5 && told.refused > 1 : told.taken === 0, JSON.stringify(told));
    });
  }
}

Deno.test("a deny of a file keeps a dump from being written to it, and to what is below a folder", async () => {
  const tell = async (rights: string[], path: string): Promise<string> => {
    const fake = engine([created(7, "app.exe")]);
    const guarded = new GuardedConnection(fake, new Permissions(parseRights(["--allow-attach", ...rights])));
    const call: AnyCall = (name, ...values) => guarded.call(name as never, ...values as never);
    await begun(call, 7);
    return await call("writeDump", { processId: 7 }, path, "mini", null).then(() => "written", (error) => `${error}`);
  };
  const forbids = (entry: string): RegExp => new RegExp(`which --deny-dump=${RegExp.escape(entry)} forbids$`);
  for (const allow of ["--allow-dump", "--allow-dump=C:\\d", "--allow-dump=C:\\d\\a.dmp,C:\\d\\b.dmp"]) {
    for (const path of ["C:\\d\\a.dmp", "c:/d/a.dmp", "C:\\d\\x\\..\\a.dmp", "C:\\D\\A.DMP"]) {
      const told = await tell([allow, "--deny-dump=C:\\d\\a.dmp"], path);
      assert.match(told, forbids("C:\\d\\a.dmp"), `${allow} ${path}`);
    }
    assert.equal(await tell([allow, "--deny-dump=C:\\d\\a.dmp"], "C:\\d\\b.dmp"), "written");
    assert.match(await tell([allow, "--deny-dump=C:\\d"], "C:\\d\\b.dmp"), forbids("C:\\d"));
  }
});

for (const flag of ["--deny-all", "--deny-constructor", "--deny-toString", "--deny-scripts", "--allow-import=*.lab"]) {
  Deno.test(`${flag} is refused before anything runs`, () => {
    assert.throws(() => parseRights([flag]), {
      name: "TypeError",
      message: new RegExp(`^Cannot use ${RegExp.escape(flag)}: `),
    });
  });
}

Deno.test({ name: "a folder among programs is refused", ignore: Deno.build.os !== "linux" }, () => {
  for (const verb of ["allow", "deny"]) {
    const reason = /^Cannot use .*: ".*" is a folder; programs are named one by one$/;
    for (const path of ["/usr", "/usr/", "Z:\\usr", "."]) {
      assert.throws(() => parseRights([`--${verb}-launch=${path}`]), { name: "TypeError", message: reason });
    }
  }
});
