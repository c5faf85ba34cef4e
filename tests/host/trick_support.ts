/** What comes of `hostile/tricks.ts`, and why: the right that is missing, or what is wrong with what was said. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { buildDebuggees } from "../../scripts/dev/debuggees.ts";
import { assertDeeds, outcome, rightsTo } from "./hostile_support.ts";
import type { Scene } from "./scene_support.ts";

/** A folder with what tricks.ts may have, and with what it may not, all of it there: what is let through works. */
async function trickFolder(scene: Scene): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "latch-" });
  const built = await buildDebuggees(scene.host, () => {});
  for (const name of ["dumps", "DUMPS", "outside", "pdb", "sym", "SYM"]) await Deno.mkdir(join(folder, name));
  for (const name of ["link", "LongFolderName"]) await Deno.symlink("../outside", join(folder, "dumps", name));
  await Deno.symlink("../SYM", join(folder, "pdb", "link"));
  for (const name of ["app.exe", "APP.exe", "other.exe", "app2.exe"]) {
    await Deno.copyFile(join(built, "args.exe"), join(folder, name));
  }
  await Deno.symlink("app.exe", join(folder, "alias.exe"));
  await Deno.writeTextFile(join(folder, "app.bat"), "exit\r\n");
  for (const name of ["pdb", "SYM", "outside"]) {
    await Deno.copyFile(join(built, "heartbeat.pdb"), join(folder, name, "heartbeat.pdb"));
  }
  return folder;
}

const needs = (right: string, what: string): string =>
  `HELD NotCapable: Requires ${right} access to "${what}", run again with `;
const cannot = (name: string, reason: string): string =>
  `HELD TypeError: Cannot take the request: ${name} is ${reason}`;

/** What comes of symbol paths; F is the folder. */
function symbolTricks(F: string): Record<string, string> {
  const own = [
    "srv*",
    "SRV *",
    "srv**",
    "symsrv*symsrv.dll*",
    "cache*",
    "cache**",
    "srv*https://sym.lab/x",
    "https://sym.lab/x",
  ];
  own.push("srv**https://sym.lab/x", "srv*F\\pdb", "F\\pdb;srv*");
  const named = (path: string): string => `symbols ${JSON.stringify(path)}`;
  const variables = ["%TEMP%", "F\\pdb\\%PATH%", "%OS%;srv*"];
  return {
    ...Object.fromEntries(["", ";", " ", " ; "].map((path) => [named(path), "DONE none"])), // and nothing of the engine's own
    "symbols granted": "DONE found",
    "symbols granted, in other case": "DONE none",
    "symbols other": needs("symbols", `${F}\\dumps`),
    "symbols link": needs("symbols", `${F}\\pdb\\link`),
    ...Object.fromEntries(own.map((path) => [named(path), needs("symbols", "cache*")])),
    ...Object.fromEntries(variables.map((path) => [named(path), cannot("symbolPath", "one with %")])),
    [named("x*")]: cannot("symbolPath", 'one with "x*", which is not understood'),
    [named("F\\pdb*")]: cannot("symbolPath", `one with "${F}\\pdb*", which is not understood`),
    [named("cache*F\\pdb*")]: cannot("symbolPath", "one where more than a folder stands behind cache*"),
    [named("symsrv*evil.dll*F\\pdb")]: cannot("symbolPath", "one with a library of its own"),
    [named("srv")]: `HELD NotCapable: Requires symbols access to "${F.slice(0, 3)}`, // a folder of that name
  };
}

/** What comes of dumps; F is the folder. */
function dumpTricks(F: string): Record<string, string> {
  const places = {
    ...{
      "..": "evil.dmp",
      "deep ..": "evil.dmp",
      "/": "evil.dmp",
      prefix: "dumps2\\evil.dmp",
      link: "dumps\\link\\evil.dmp",
    },
    ...{
      "other case": "DUMPS\\evil.dmp",
      "long s": "dump\u017f\\evil.dmp",
      "link in other case": "dumps\\LINK\\evil.dmp",
    },
  };
  const refused = {
    ...{ "UNC": "a path of another machine or of a device", "unix UNC": "a path of another machine or of a device" },
    ...{ "device path": "a path of another machine or of a device", device: "a path that names a device" },
    ...{
      "device with extension": "a path that names a device",
      stream: "a path with characters that names cannot have",
    },
    ...{ "drive-relative": "relative to a drive", dot: "a path with a name that ends in a dot or a space" },
  };
  const denied = (file: string): string =>
    `HELD NotCapable: Requires dump access to "${F}\\dumps\\${file}", which --deny-dump=`;
  return {
    "dump granted": "DONE undefined",
    ...Object.fromEntries(
      Object.entries(places).map(([name, path]) => [`dump ${name}`, needs("dump", `${F}\\${path}`)]),
    ),
    ...Object.fromEntries(Object.entries(refused).map(([name, why]) => [`dump ${name}`, cannot("path", why)])),
    "dump zero": "HELD TypeError: Cannot write a dump: path is ", // by the script's own library already
    "dump elsewhere": needs("dump", "C:\\evil.dmp"),
    "dump rooted": needs("dump", "Z:\\evil.dmp"),
    "dump mixed case": cannot("the path", "one that several names fit"),
    "dump short name": cannot("the path", "one with a short name"),
    "dump denied file": denied("denied.dmp"),
    "dump denied file in other case": denied("DENIED.dmp"),
  };
}

/** What comes of launches, of what has no right, and of options. */
function otherTricks(F: string, target: string): Record<string, string> {
  return {
    "host option": "HELD EngineError: Cannot start a host: a confined script has the one that it was given",
    "engine option": "HELD NotCapable: Cannot use the option engine",
    "symbolPath option": needs("symbols", "\\\\evil.lab\\x"),
    "process server": "HELD NotCapable: Cannot serve processes",
    "read": "DONE 77,90",
    "write": "HELD NotCapable: Requires write-memory access, run again with ",
    "registers": "HELD NotCapable: Requires control access, run again with ",
    "terminate": needs("terminate", target),
    "launch cmd": needs("launch", "cmd.exe"),
    "launch full cmd": needs("launch", "C:\\windows\\system32\\cmd.exe"),
    "launch unquoted": needs("launch", "Z:\\tmp"),
    "launch quote": "DONE app.exe", // what was granted, with an argument that does not end
    "launch by name alone": needs("launch", "app.exe"),
    "launch ..": needs("launch", `${F}\\other.exe`),
    "launch other case": needs("launch", `${F}\\APP.exe`),
    "launch mixed case": cannot("the path", "one that several names fit"),
    "launch short name": cannot("the path", "one with a short name"),
    "launch alias": needs("launch", `${F}\\alias.exe`),
    "launch UNC": cannot("the command line", "a path of another machine or of a device"),
    "launch batch": needs("launch", `${F}\\app.bat`),
    "launch with PATH": needs("launch", `${F}\\app.exe with the variable PATH`),
    "launch with profiler": needs("launch", `${F}\\app.exe with the variable COR_PROFILER_PATH`),
    "launch in a share": cannot("directory", "a path of another machine or of a device"),
    "launch with a forged variable": "DONE app.exe", // a line feed ends no variable
    "an import of Latch under another name": "DONE 0", // it sees no other process either
  };
}

/** Each of them is held for its reason, and all that they could have reached is as it was. */
export async function refusesTricks(scene: Scene): Promise<void> {
  const folder = await trickFolder(scene);
  const { windowsPath } = scene.host;
  const F = windowsPath(folder);
  const program = `${F}\\app.exe`;
  const rights = [
    ...[...rightsTo(scene), "--allow-read-memory", "--allow-execute=lm,~,j,z,as,bp,.if,.foreach,!list,.sympath"],
    ...[`--allow-dump=${join(folder, "dumps")}`, `--deny-dump=${join(folder, "dumps", "denied.dmp")}`],
    ...[`--allow-launch=${program}`, `--allow-symbols=${join(folder, "pdb")},${join(folder, "sym")}`],
  ];
  const { name } = scene.target;
  const { code, deeds, err } = await outcome(scene, "tricks.ts", { rights, args: [name, `${F}\\dumps`, program] });
  assert.equal(code, 0, err);
  const isText = (deed: string): boolean => /^(?:execute|evaluate) /.test(deed);
  const texts = new Map([...deeds].filter(([deed]) => isText(deed)));
  assert.match(texts.get("execute granted") ?? "", /^DONE start +end +module name/);
  texts.delete("execute granted");
  for (const [deed, what] of texts) {
    assert.match(what, /^HELD NotCapable: Requires execute access to ".*", run again/, deed);
  }
  assert.equal(texts.size, 44);
  const rest = new Map([...deeds].filter(([deed]) => !isText(deed)));
  assertDeeds(rest, { ...symbolTricks(F), ...dumpTricks(F), ...otherTricks(F, name) });
  for (
    const [name, inside] of Object.entries({
      dumps: ["LongFolderName", "good.dmp", "link"],
      DUMPS: [],
      outside: ["heartbeat.pdb"],
    })
  ) {
    assert.deepEqual([...Deno.readDirSync(join(folder, name))].map(({ name }) => name).sort(), inside);
  }
  await Deno.remove(folder, { recursive: true });
}
