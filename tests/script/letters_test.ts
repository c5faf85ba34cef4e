/**
 * Upper and lower case: what Windows takes for one name, and which entry a file system that tells case apart really opens. The folder here
 * is as Wine shows it, on drive Z.
 */
import assert from "node:assert/strict";
import { folded } from "../../lib/session/letters.ts";
import { attach, attached, engine, guard, launch } from "./guard_support.ts";

const PAIRS: readonly (readonly [one: string, other: string, same: boolean])[] = [
  ["dumps", "DUMPS", true],
  ["é", "É", true],
  ["я", "Я", true],
  ["ÿ", "Ÿ", true],
  ["ω", "Ω", true],
  ["ſ", "s", false],
  ["ſ", "S", false],
  ["\u212a", "k", false], // the sign for kelvin
  ["\u212b", "å", false], // the sign for ångström
  ["\u2126", "ω", false], // the sign for ohm
  ["ı", "i", false],
  ["ı", "I", false],
  ["İ", "i", false],
  ["ß", "ss", false],
  ["ß", "ẞ", false],
  ["ﬁ", "fi", false],
  ["ς", "σ", false],
  ["µ", "μ", false],
  ["ǆ", "Ǆ", true],
  ["ǅ", "ǆ", false],
  ["e\u0301", "é", false],
  ["\u{10428}", "\u{10400}", false], // beyond 16 bits Windows has no case
];

for (const [one, other, same] of PAIRS) {
  Deno.test(`${one} and ${other} are ${same ? "one letter" : "two"} to Windows`, () => {
    assert.equal(folded(one) === folded(other), same);
  });
}

/** What came of a call: nothing, or the kind of its error and what it says. */
type Expected = "granted" | RegExp;

const several = /^TypeError: Cannot take the request: the path is one that several names fit; write it as it stands/;
const short = /^TypeError: Cannot take the request: the path is one with a short name; write the name out/;
const needs = (right: string, path: string): RegExp =>
  new RegExp(`^NotCapable: Requires ${right} access to "${RegExp.escape(`${F}\\${path}`)}", run again with `);
const denied = (right: string): RegExp =>
  new RegExp(`^NotCapable: Requires ${right} access to .*, which --deny-${right}=`);

const isLinux = Deno.build.os === "linux";
const folder = isLinux ? Deno.makeTempDirSync({ prefix: "latch-" }) : "";
const F = `Z:${folder.replaceAll("/", "\\")}`;

function makeFolder(): void {
  const folders = ["dumps/Sub", "DUMPS", "Only", "disk", "SYM", "sym", "outside/LongFolderName", "lone/SYMS", "étage"];
  for (const name of folders) Deno.mkdirSync(`${folder}/${name}`, { recursive: true });
  for (const name of ["tool.exe", "TOOL.exe", "Single.exe"]) Deno.writeTextFileSync(`${folder}/${name}`, "");
  const links = [["link", "../outside"], ["LongLinkOut", "../outside"], ["dangling.dmp", "../outside/none.dmp"]];
  for (const [name = "", to = ""] of links) Deno.symlinkSync(to, `${folder}/dumps/${name}`);
  Deno.symlinkSync("dumps", `${folder}/via`);
  Deno.symlinkSync("tool.exe", `${folder}/alias.exe`);
  Deno.symlinkSync("../outside", `${folder}/lone/out`);
}
if (isLinux) makeFolder();
Deno.test.afterAll(() => isLinux ? Deno.removeSync(folder, { recursive: true }) : undefined);

const DUMPS: readonly (readonly [rights: readonly string[], path: string, expected: Expected])[] = [
  [["allow=dumps"], "dumps\\a.dmp", "granted"],
  [["allow=dumps"], "dumps\\new\\deep\\a.dmp", "granted"],
  [["allow=dumps"], "dumps\\Sub\\a.dmp", "granted"],
  [["allow=dumps"], "dumps\\SUB\\a.dmp", "granted"], // Wine opens Sub
  [["allow=dumps"], "DUMPS\\a.dmp", needs("dump", "DUMPS\\a.dmp")],
  [["allow=DUMPS"], "dumps\\a.dmp", needs("dump", "dumps\\a.dmp")],
  [["allow=dumps"], "Dumps\\a.dmp", several],
  [["allow=dumps"], "dumpS\\a.dmp", several],
  [["allow=dumps"], "dumpſ\\a.dmp", needs("dump", "dumpſ\\a.dmp")],
  [["allow=dumps"], "DUMPS\\..\\DUMPS\\a.dmp", needs("dump", "DUMPS\\a.dmp")],
  [["allow=Only"], "only\\a.dmp", "granted"],
  [["allow=Only"], "ONLY\\a.dmp", "granted"],
  [["allow=ONLY"], "only\\a.dmp", "granted"],
  [["allow=ONLY"], "Only\\a.dmp", "granted"],
  [["allow=disk"], "dis\u212a\\a.dmp", needs("dump", "dis\u212a\\a.dmp")],
  [["allow=étage"], "ÉTAGE\\a.dmp", "granted"],
  [["allow=étage"], "e\u0301tage\\a.dmp", needs("dump", "e\u0301tage\\a.dmp")],
  [["allow=none"], "none\\a.dmp", "granted"],
  [["allow=none"], "None\\a.dmp", needs("dump", "None\\a.dmp")],
  [["allow=dumps"], "dumps\\link\\a.dmp", needs("dump", "dumps\\link\\a.dmp")],
  [["allow=dumps"], "dumps\\LINK\\a.dmp", needs("dump", "dumps\\LINK\\a.dmp")],
  [["allow=dumps"], "dumps\\Long~ABC\\a.dmp", short],
  [["allow=dumps"], "dumps\\LONG~0YZ\\a.dmp", short],
  [["allow=dumps"], "dumps\\dangling.dmp", needs("dump", "dumps\\dangling.dmp")],
  [["allow=dumps"], "dumps\\DANGLING.dmp", needs("dump", "dumps\\DANGLING.dmp")],
  [["allow=dumps"], "dumps\\a~1.dmp", "granted"],
  [["allow=dumps", "allow=outside"], "dumps\\link\\a.dmp", "granted"],
  [["allow=via"], "via\\a.dmp", "granted"],
  [["allow=via"], "dumps\\a.dmp", "granted"],
  [["allow=dumps"], "via\\a.dmp", "granted"],
  [["allow=dumps/a.dmp"], "dumps\\a.dmp", "granted"],
  [["allow=dumps/a.dmp"], "dumps\\A.dmp", needs("dump", "dumps\\A.dmp")],
  [["allow", "deny=dumps"], "dumps\\a.dmp", denied("dump")],
  [["allow", "deny=dumps"], "DUMPS\\a.dmp", denied("dump")], // a deny is for all cases
  [["allow", "deny=dumps"], "via\\a.dmp", denied("dump")],
  [["allow", "deny=via"], "dumps\\a.dmp", denied("dump")],
  [["allow", "deny=outside"], "dumps\\link\\a.dmp", denied("dump")],
  [["allow", "deny=dumps"], "dumps\\link\\a.dmp", denied("dump")],
  [["allow", "deny=dumps/link"], "outside\\a.dmp", denied("dump")],
  [["allow", "deny=only"], "ONLY\\a.dmp", denied("dump")],
  [["allow", "deny=dumps"], "outside\\a.dmp", "granted"],
];

const LAUNCHES: typeof DUMPS = [
  [["allow=tool.exe"], "tool.exe", "granted"],
  [["allow=tool.exe"], "TOOL.exe", needs("launch", "TOOL.exe")],
  [["allow=TOOL.exe"], "tool.exe", needs("launch", "tool.exe")],
  [["allow=tool.exe"], "Tool.exe", several],
  [["allow=tool.exe"], "tooL.exe", several],
  [["allow=tool.exe"], "tool.EXE", several],
  [["allow=tool.exe"], "via\\..\\tool.exe", "granted"],
  [["allow=Single.exe"], "single.exe", "granted"],
  [["allow=single.exe"], "SINGLE.EXE", "granted"],
  [["allow=Single.exe"], "ſingle.exe", needs("launch", "ſingle.exe")],
  [["allow=tool.exe"], "alias.exe", needs("launch", "alias.exe")], // its libraries would come from another folder
  [["allow=none.exe"], "None.exe", needs("launch", "None.exe")],
  [["allow=tool.exe"], "SING~ABC.EXE", short],
  [["allow", "deny=tool.exe"], "TOOL.exe", denied("launch")],
  [["allow", "deny=TOOL.exe"], "tool.exe", denied("launch")],
  [["allow", "deny=single.exe"], "SINGLE.exe", denied("launch")],
  [["allow", "deny=tool.exe"], "Single.exe", "granted"],
];

/** The engine looks in lower case. */
const SYMBOLS: typeof DUMPS = [
  [["allow=sym"], "sym", "granted"],
  [["allow=sym"], "SYM", "granted"],
  [["allow=SYM"], "SYM", /^NotCapable: Requires symbols access to "z:.*sym", run again with /],
  [["allow=lone"], "lone\\SYMS", "granted"],
  [["allow=lone/SYMS"], "LONE\\syms", "granted"],
  [["allow=lone/SYMS"], "lone\\SYMS\\deep", "granted"],
  [["allow=lone"], "lone\\out", needs("symbols", "lone\\out")],
  [["allow=lone", "allow=outside"], "lone\\OUT", "granted"],
  [["allow", "deny=sym"], "SYM", denied("symbols")],
  // What is not there yet would be made in lower case.
  [["allow=later"], "later", "granted"],
  [["allow=later"], "LATER\\deep", "granted"],
  [["allow=later/deep"], "later\\deep", "granted"],
  [["allow=later/deep"], "later", needs("symbols", "later")],
  [["allow=later"], "later2", needs("symbols", "later2")],
  [["allow=later"], "later\\..\\sym", needs("symbols", "sym")],
  [["allow=via/later"], "dumps\\later", "granted"],
  [["allow=dumps"], "via\\later", "granted"],
  [["allow=lone/later"], "lone\\out\\later", needs("symbols", "lone\\out\\later")],
  [["allow=Later"], "Later", /^NotCapable: Requires symbols access to "z:.*later", run again with /],
  [["allow", "deny=Later"], "later", denied("symbols")],
  [["allow", "deny=outside"], "lone\\out", denied("symbols")],
];

const CALLS: Readonly<Record<string, readonly [typeof DUMPS, (rights: string[], path: string) => Promise<unknown>]>> = {
  dump: [DUMPS, async (rights, path) => {
    await (await attached(rights)).call("writeDump", { processId: 7 }, path, "mini", null);
  }],
  launch: [LAUNCHES, async (rights, path) => await guard(engine(), rights).call("launch", launch(`"${path}"`))],
  symbols: [SYMBOLS, async (rights, symbolPath) => await guard(engine(), rights).call("open", { symbolPath })],
};

for (const [right, [rows, perform]] of Object.entries(CALLS)) {
  for (const [short, path, expected] of rows) {
    Deno.test({ name: `${right} ${short.join(" ")}: ${path}`, ignore: !isLinux }, async () => {
      const rights = short.map((rule) => {
        const [verb, name] = rule.split("=");
        return name === undefined ? `--${verb}-${right}` : `--${verb}-${right}=${folder}/${name}`;
      });
      const told = await perform(rights, `${F}\\${path}`).then(() => "granted", (error: unknown) => `${error}`);
      if (expected === "granted") assert.equal(told, "granted");
      else assert.match(told, new RegExp(expected));
    });
  }
}

Deno.test(
  { name: "on drives that are not to be seen from here, an allow is letter by letter", ignore: !isLinux },
  async () => {
    const dump = async (flags: string[], path: string): Promise<string> =>
      await CALLS.dump?.[1](flags, path).then(() => "granted", (error: unknown) => `${error}`) ?? "";
    assert.equal(await dump(["--allow-dump=C:\\dumps"], "c:\\dumps\\a.dmp"), "granted");
    assert.match(
      await dump(["--allow-dump=C:\\dumps"], "C:\\Dumps\\a.dmp"),
      /^NotCapable: Requires dump access to "C:\\D/,
    );
    assert.match(
      await dump(["--allow-dump", "--deny-dump=C:\\dumps"], "C:\\Dumps\\a.dmp"),
      /which --deny-dump=C:\\dumps/,
    );
  },
);

Deno.test({ name: "a folder of symbols that is made later is the one on the list", ignore: !isLinux }, async () => {
  const { call } = guard(engine(), [`--allow-symbols=${folder}/Made`]);
  const open = (): Promise<unknown> => call("open", { symbolPath: `${F}\\Made` });
  await assert.rejects(open(), { name: "NotCapable", message: /^Requires symbols access to "z:.*made", run again/ });
  Deno.mkdirSync(`${folder}/Made`);
  await open();
  Deno.removeSync(`${folder}/Made`);
  Deno.symlinkSync("outside", `${folder}/Made`); // it is what it leads to, as every entry
  await open();
  Deno.mkdirSync(`${folder}/made`);
  await assert.rejects(open(), { name: "NotCapable", message: /^Requires symbols access to "z:.*made", run again/ });
});

Deno.test("a name of a process is compared as Windows does", async () => {
  const processes = [
    { processId: 7, name: "System.exe", description: "" },
    { processId: 8, name: "\u017fystem.exe", description: "" },
    { processId: 9, name: "dis\u212a.exe", description: "" },
  ];
  const names = async (list: string): Promise<unknown> => {
    const { call } = guard(engine([], { processes: () => processes }), [`--allow-attach=${list}`]);
    return ((await call("processes", 0n)) as { processId: number }[]).map(({ processId }) => processId);
  };
  assert.deepEqual(await names("system.exe"), [7]);
  assert.deepEqual(await names("SYS*"), [7]);
  assert.deepEqual(await names("\u017fystem.exe"), [8]);
  assert.deepEqual(await names("disk.exe"), []);
  assert.deepEqual(await names("?ystem"), [7, 8]);
  const { call } = guard(engine([], { processes: () => processes }), ["--allow-attach=system.exe"]);
  await assert.rejects(call("attach", attach(8)), { name: "NotCapable", message: /^Requires attach access to "8"/ });
});
