/**
 * The module audit: which DLLs a program loaded from where, and which of them look planted.
 *
 *     deno run --allow-ffi scripts/modules.ts --attach=app.exe
 *     latch run --allow-launch=app.exe scripts/modules.ts app.exe
 *
 * @module
 */
import type { DebugSession, ModuleInfo, Program } from "../mod.ts";
import {
  type Call,
  COMMON_HELP,
  type DiagnosticOptions,
  type Finding,
  FOUND,
  limitOf,
  listOf,
  NOTHING,
  openSession,
  openTarget,
  type OptionKinds,
  pathText,
  runProgram,
  runToEnd,
  type Target,
  targetOf,
  UsageError,
} from "./shared/diagnostic.ts";
import {
  compare,
  distinct,
  judge,
  type LoadedModule,
  type ModuleFinding,
  type ModuleRule,
  parseBaseline,
  type RuleContext,
} from "./shared/module_rules.ts";
import { folderOf, systemPlaces } from "./shared/places.ts";

export type { DiagnosticOptions, Finding, LoadedModule, ModuleFinding, ModuleRule, Target };
export { parseBaseline };

/** What it can need; `--baseline=FILE` takes `--allow-read=FILE` as well. */
export const rights = ["--allow-launch", "--allow-attach"];

/** What was seen. */
export interface ModuleReport {
  /** What is wrong; at most one by where a module lies, and one by the former run. */
  readonly findings: readonly ModuleFinding[];
  /** Each module once, also if it was unloaded meanwhile. */
  readonly modules: readonly LoadedModule[];
}

/** How to audit. */
export interface ModuleOptions extends DiagnosticOptions {
  /** Patterns of paths: only Windows' own modules and these are in order then. @default {none} */
  readonly allow?: readonly string[];
  /** Patterns of paths that are never in order. @default {none} */
  readonly deny?: readonly string[];
  /** Modules of a former run, which this one is compared with. @default {none} */
  readonly baseline?: readonly LoadedModule[];
}

/** Watches a launched program to its end, or looks at one that runs, and judges its modules. */
export async function auditModules(target: Target, options: ModuleOptions = {}): Promise<ModuleReport> {
  await using session = openSession(options);
  const { program, infos, isWine } = await collect(session, target, options);
  const shown = (path: string): string => pathText(path, options);
  const places = systemPlaces(infos.map(({ imageName }) => imageName), isWine);
  const modules = distinct(infos, places);
  const image = folderOf(program.image.imageName);
  const [command = ""] = "launch" in target ? target.launch : [];
  const given = ("launch" in target ? target.directory : undefined) ?? "";
  const directory = folderOf(shown(given.replace(/[\\/]*$/, "\\")));
  const home = image || (/^([a-z]:[\\/]|\\\\)/i.test(command) ? folderOf(command) : "");
  const { allow = [], deny = [], baseline } = options;
  const { name, pid } = program;
  const context = { program: name, processId: pid, image: program.image.base, home, directory, allow, deny, shown };
  const findings = [
    ...modules.flatMap((module) => judge(module, context)),
    ...(baseline ? compare(modules, baseline, context) : []),
  ];
  tell(modules, findings, context, options);
  return { findings, modules };
}

async function collect(
  session: DebugSession,
  target: Target,
  { signal }: ModuleOptions,
): Promise<{ readonly program: Program; readonly infos: readonly ModuleInfo[]; readonly isWine: boolean }> {
  const onWine = async (program: Program): Promise<boolean> =>
    await program.addressOf("ntdll!wine_get_version") !== null;
  if ("attach" in target) {
    const program = await session.attach(target.attach, { noninvasive: true, ...(signal ? { signal } : {}) });
    const [infos, isWine] = [await program.modules(), await onWine(program)];
    await program.detach();
    return { program, infos, isWine };
  }
  const infos: ModuleInfo[] = [];
  session.on("createProcess", ({ module }) => void infos.push(module));
  session.on("loadModule", ({ module }) => void infos.push(module));
  const program = await openTarget(session, target, { signal, children: "ignore" });
  const isWine = await onWine(program);
  await runToEnd(session, signal);
  return { program, infos, isWine };
}

function tell(
  modules: readonly LoadedModule[],
  findings: readonly ModuleFinding[],
  { program, processId, shown }: RuleContext,
  { print, found }: ModuleOptions,
): void {
  const others = modules.filter(({ isSystem }) => !isSystem);
  print?.(`${program} (${processId}): ${modules.length} modules, ${others.length} of them not of Windows`);
  for (const { path } of others) print?.(`    ${shown(path)}`);
  for (const finding of findings) {
    found?.(finding);
    print?.(finding.title);
  }
}

const HELP =
  `Tells which modules a program loaded from where, and which of them look planted or differ from a former run.

Usage: modules.ts [OPTIONS] [--] PROGRAM [ARGUMENTS]   all that it loads until it ends
       modules.ts [OPTIONS] --attach=PID|NAME          what is loaded now

  --allow-path=GLOB,… only Windows' own modules and these paths are in order; these are no suspects
  --deny-path=GLOB,…  these paths are not in order
  --baseline=FILE    compares with a former run, whose --json was written to that file (takes --allow-read=FILE)
  --directory=FOLDER working folder of the program
  --seconds=N        looks for that time, and ends the launched program then
${COMMON_HELP}

Suspects: a module with the name of a DLL of Windows from outside of its folders, from another machine, from a folder
where every user can put files (temporary, downloads, profiles; not if the program lies there itself), from the
working folder.
Exit code: 0 nothing found, 1 something found, 2 if it could not be looked.`;

/** The same as a program: gives the exit code. */
export function main(args: readonly string[]): Promise<number> {
  const options: OptionKinds = {
    ...{ "allow-path": "value", "deny-path": "value", baseline: "value", directory: "value", seconds: "value" },
  };
  return runProgram({ help: HELP, options, run }, args);
}

async function run(call: Call): Promise<number> {
  const { baseline } = call.options;
  const target = targetOf(call);
  if ("attach" in target && call.options["seconds"] !== undefined) {
    throw new UsageError("--attach looks once: --seconds goes with a program to launch");
  }
  const former = typeof baseline === "string" ? parseBaseline(await Deno.readTextFile(baseline)) : undefined;
  const { findings, modules } = await auditModules(target, {
    ...call.common,
    ...limitOf(call),
    ...(former ? { baseline: former } : {}),
    allow: listOf(call, "allow-path"),
    deny: listOf(call, "deny-path"),
  });
  for (const module of modules) call.emit(module);
  call.emit({ type: "end", modules: modules.length, findings: findings.length });
  if (findings.length > 0) return FOUND;
  call.common.print?.("nothing found");
  return NOTHING;
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
