/**
 * Permissioned scripts: runs a script in a process of its own that has the rights which it is given, and no others.
 *
 * @example Run a script that may attach to one program, for a minute
 * ```ts
 * import { runScript } from "@latch/latch/script";
 *
 * const { code, reason } = await runScript("watch.ts", { rights: ["--allow-attach=app.exe"], deadline: 60_000 });
 * console.log(code, reason);
 * ```
 *
 * @module
 */
export { runScript, type RunScriptOptions, type ScriptEnd, type ScriptResult } from "./run_script.ts";
export type { Prompter, Question } from "./permissions.ts";
export { Output, type OutputSink, type OutputStream } from "./output.ts";
export type { EngineConnection } from "../dbgeng/engine_api.ts";
