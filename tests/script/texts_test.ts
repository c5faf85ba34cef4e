/** Command lines, paths, commands and expressions: what is harmless, and what a list covers. */
import assert from "node:assert/strict";
import { programCommand } from "../../lib/script/command.ts";
import { attached, engine, guard, launch } from "./guard_support.ts";

const LINES: readonly (readonly [string, string, string])[] = [
  ["C:\\a\\app.exe", "C:\\a\\app.exe", '"C:\\a\\app.exe"'],
  ["  C:\\a\\app.exe 1 2", "C:\\a\\app.exe", '"C:\\a\\app.exe" 1 2'],
  ['"C:\\Program Files\\app.exe" "1 2"', "C:\\Program Files\\app.exe", '"C:\\Program Files\\app.exe" "1 2"'],
  ["C:\\Program Files\\app.exe", "C:\\Program", '"C:\\Program" Files\\app.exe'],
  ["c:/a/../b/app.exe -x", "c:\\b\\app.exe", '"c:\\b\\app.exe" -x'],
  ["app", "app.exe", '"app.exe"'],
  ["app.com\t1", "app.com", '"app.com"\t1'],
  ["sub\\app.exe", "C:\\here\\sub\\app.exe", '"C:\\here\\sub\\app.exe"'],
  ["..\\app.exe", "C:\\app.exe", '"C:\\app.exe"'],
];

for (const [line, program, quoted] of LINES) {
  Deno.test(`the program of ${line} is ${program}`, () => {
    assert.deepEqual(programCommand(line, "C:\\here"), { program, commandLine: quoted });
  });
}

/** Whether names that differ only in case are one: more of that in letters_test.ts. */
const ONE_CASE = Deno.build.os === "windows";

const LAUNCHES: readonly (readonly [rights: string[], command: string, allowed: boolean])[] = [
  [["--allow-launch=app.exe"], "app", true],
  [["--allow-launch=app"], "app.exe 1", true],
  [["--allow-launch=app"], "APP.EXE 1", ONE_CASE],
  [["--allow-launch=app.exe"], "C:\\evil\\app.exe", false],
  [["--allow-launch=app.exe"], ".\\app.exe", false],
  [["--allow-launch=C:\\a\\app.exe"], "app.exe", false],
  [["--allow-launch=C:\\a\\app.exe"], "C:\\a\\..\\a\\app.exe", true],
  [["--allow-launch=C:\\a\\app.exe"], "C:\\a\\APP.exe", ONE_CASE],
  [["--allow-launch=C:\\a\\app.exe"], "C:\\a\\app.exe\\..\\evil.exe", false],
  [["--allow-launch=C:\\Program Files\\app.exe"], "C:\\Program Files\\app.exe", false],
  [["--allow-launch=C:\\Program Files\\app.exe"], '"C:\\Program Files\\app.exe" 1', true],
  [["--allow-launch", "--deny-launch=cmd.exe"], "C:\\windows\\system32\\cmd.exe", false],
  [["--allow-launch", "--deny-launch=C:\\windows\\cmd.exe"], "cmd", false],
  [["--allow-launch=build.exe"], "build.cmd", false],
  [["--allow-launch"], "build.cmd", true],
];

for (const [rights, command, allowed] of LAUNCHES) {
  Deno.test(`${rights.join(" ")} ${allowed ? "allows" : "does not allow"} to launch ${command}`, async () => {
    const fake = engine();
    const asked = guard(fake, rights).call("launch", launch(command));
    if (allowed) await asked;
    else await assert.rejects(asked, Deno.errors.NotCapable);
    assert.equal(fake.log.length, allowed ? 1 : 0);
  });
}

/** Variables that decide which code a program runs, and some that do not though they look like it. */
const STEERING = [
  ...["PATH", "Path", "path", " PATH ", "PATHEXT", "COMSPEC", "windir", "SystemRoot", "SYSTEMDRIVE", "PSModulePath"],
  ...[
    "COR_PROFILER",
    "COR_PROFILER_PATH",
    "cor_enable_profiling",
    "CORECLR_PROFILER",
    "COMPlus_X",
    "DOTNET_STARTUP_HOOKS",
  ],
  ...[
    "_NT_SYMBOL_PATH",
    "_NT_SOURCE_PATH",
    "__COMPAT_LAYER",
    "WINEDLLOVERRIDES",
    "LD_PRELOAD",
    "DENO_DIR",
    "NODE_OPTIONS",
  ],
  ...[
    "NPM_CONFIG_PREFIX",
    "ELECTRON_RUN_AS_NODE",
    "JAVA_TOOL_OPTIONS",
    "_JAVA_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "CLASSPATH",
  ],
  ...[
    "PYTHONPATH",
    "PERL5LIB",
    "RUBYOPT",
    "LUA_PATH",
    "QT_PLUGIN_PATH",
    "GIT_SSH_COMMAND",
    "OPENSSL_CONF",
    "MONO_PATH",
  ],
];
const PLAIN = ["LATCH_TEST", "HOME", "TEMP", "MYPATH", "PATHS", "XCOR_", "APP_PATH", "LANG"];

for (const name of [...STEERING, ...PLAIN]) {
  const steers = STEERING.includes(name);
  Deno.test(`a listed program ${steers ? "is not" : "is"} launched with the variable ${name}`, async () => {
    const line = `"C:\\a\\app.exe" 1`;
    const fake = engine();
    const request = launch(line, { environment: ["LATCH_OTHER=1", `${name}=x`] });
    const asked = guard(fake, ["--allow-launch=C:\\a\\app.exe"]).call("launch", request);
    if (!steers) await asked;
    else {
      const reason = `Requires launch access to "C:\\a\\app.exe with the variable ${name.trim()}", run again with `;
      await assert.rejects(asked, ({ name, message }) => name === "NotCapable" && message.startsWith(reason));
    }
    assert.equal(fake.log.length, steers ? 0 : 1);
    await guard(engine(), ["--allow-launch"]).call("launch", request); // with all of it that is one of them
  });
}

const READS = [
  "1+1",
  "poi(rsp+8)",
  "@rip",
  "ntdll!NtClose+0x10",
  "app!main",
  "$peb",
  "00007ff6`12345678 & 0xff",
  "@$exentry",
];
const WRITES = [
  "@@c++(x=1)",
  "@@(x)",
  "x=1",
  "a++",
  "--a",
  "$$<file",
  "${x}",
  "a;b",
  "'x'",
  '"x"',
  "a>b",
  "{a}",
  "a\\b",
  "[a]",
  "#x",
];

for (const expression of [...READS, ...WRITES]) {
  const only = READS.includes(expression);
  Deno.test(`${expression} needs ${only ? "read-memory" : "all of execute"}`, async () => {
    const { call } = await attached(["--allow-read-memory", `--allow-execute=${expression}`]);
    const asked = call("evaluate", { processId: 7 }, expression);
    if (only) await asked;
    else await assert.rejects(asked, { message: /^Requires execute access/ });
    const all = await attached(["--allow-read-memory", "--allow-execute"]);
    await all.call("evaluate", { processId: 7 }, expression);
    const { call: bare } = await attached(["--allow-execute"]);
    await assert.rejects(bare("evaluate", { processId: 7 }, expression), { message: /^Requires read-memory access/ });
  });
}

type Asked = readonly [rights: readonly string[], command: string, allowed: boolean];

const COMMANDS: readonly Asked[] = [
  [["--allow-execute=lm"], "lm", true],
  [["--allow-execute=lm"], " lm m nt* ", true],
  [["--allow-execute=lm"], "lmv", false],
  [["--allow-execute=lm"], "lm;.shell calc", false],
  [["--allow-execute=lm"], "lm\n.shell calc", false],
  [["--allow-execute=lm"], "lm $$<x", false],
  [["--allow-execute=lm"], 'lm "x"', false],
  [["--allow-execute=lm"], "lm {x}", false],
  [["--allow-execute=lm"], "lm ${x}", false],
  [["--allow-execute=lm"], "lm @@c++(x)", false],
  [["--allow-execute=lm"], "LM", false],
  [["--allow-execute=k", "--allow-execute=lm,!peb"], "!peb", true],
  [["--allow-execute", "--deny-execute=.shell"], ".shell calc", false],
  [["--allow-execute", "--deny-execute=.shell"], "lm;.shell calc", false],
  [["--allow-execute", "--deny-execute=.shell"], "lm", true],
  [["--allow-execute"], "lm;.shell calc", true],
  // `!!` is `.shell`, wherever it stands and however it is denied.
  ...["!!echo hi", "!! echo hi", " !! echo hi", "! !echo hi", "!!", "lm !!echo hi", "~0e !!echo hi", ".SHELL echo hi"]
    .flatMap((command) =>
      [".shell", "!!", ".Shell"].map((entry) =>
        [["--allow-execute", `--deny-execute=${entry}`], command, false] as Asked
      )
    ),
  [["--allow-execute", "--deny-execute=!!echo  hi"], ".shell   echo hi", false],
  [["--allow-execute=lm"], "lm !!echo hi", false],
  [["--allow-execute=!!"], "!! echo hi", false],
  [["--allow-execute=.shell"], ".shell echo hi", false],
  [["--allow-execute=!!"], "!!", true],
  // Names of extensions may have their library before them, and some commands both signs.
  ...["!peb", "!PEB", "! peb", "!exts.peb", "! exts.peb", "!EXTS.PEB 1", "!a.b.peb", ".peb", "!wow64exts.k"].flatMap((
    command,
  ) => ["!peb", "!exts.peb"].map((entry) => [["--allow-execute", `--deny-execute=${entry}`], command, false] as Asked)),
  [["--allow-execute", "--deny-execute=!peb"], "!teb", true],
  [["--allow-execute", "--deny-execute=!peb"], "x app!*", true],
  [["--allow-execute", "--deny-execute=.load"], "!load x", false],
  [["--allow-execute", "--deny-execute=lm"], "!address -c:.echo", false],
  [["--allow-execute", "--deny-execute=lm"], "dx Debugger.Sessions", false],
  // What takes commands is on a list for what is written there, by whichever name.
  ...[
    "dx",
    "dtx",
    "!address",
    "!ext.address",
    "!list",
    "!exts.list",
    "!for_each_module",
    "!ext.for_each_module",
    "!load",
    ".IF",
  ]
    .flatMap((entry) => [
      [[`--allow-execute=${entry}`], entry, true] as Asked,
      [[`--allow-execute=${entry}`], `${entry} a.b(c)`, false] as Asked,
    ]),
  [["--allow-execute=!exts.peb"], "!exts.peb 1", true],
  [["--allow-execute=dd,dt"], "dt app!list.x", true],
  [["--allow-execute=!sympath"], "!sympath x", false],
];

for (const [rights, command, allowed] of COMMANDS) {
  Deno.test(`${rights.join(" ")} ${allowed ? "allows" : "does not allow"} ${JSON.stringify(command)}`, async () => {
    const { call, fake } = await attached(rights);
    const asked = call("execute", { processId: 7 }, command);
    if (allowed) await asked;
    else await assert.rejects(asked, Deno.errors.NotCapable);
    assert.equal(fake.log.length, allowed ? 1 : 0);
  });
}

const DUMPS: readonly (readonly [string, string, boolean])[] = [
  ["C:\\dumps", "C:\\dumps\\a.dmp", true],
  ["C:\\dumps\\", "c:/dumps/sub/a.dmp", true],
  ["C:\\dumps", "c:/DUMPS/sub/a.dmp", ONE_CASE],
  ["C:\\dumps", "C:\\dumps\\..\\a.dmp", false],
  ["C:\\dumps", "C:\\dumpster\\a.dmp", false],
  ["C:\\dumps", "C:\\dumps\\sub\\..\\..\\windows\\a.dmp", false],
  ["C:\\dumps", "D:\\dumps\\a.dmp", false],
  ["C:\\", "C:\\a.dmp", true],
];

for (const [folder, path, allowed] of DUMPS) {
  Deno.test(`a dump ${path} ${allowed ? "lies" : "does not lie"} in ${folder}`, async () => {
    const { call } = await attached([`--allow-dump=${folder}`]);
    const asked = call("writeDump", { processId: 7 }, path, "mini", null);
    if (allowed) await asked;
    else await assert.rejects(asked, Deno.errors.NotCapable);
  });
}
