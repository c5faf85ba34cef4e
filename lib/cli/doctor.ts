/**
 * Looks whether everything is there that debugging needs, and what to do where it is not.
 * @module
 */
import { DebugSession } from "../api/debug_session.ts";
import type { SurveyedFolder } from "../dbgeng/survey.ts";
import { wineDeno } from "../remote/wine.ts";
import { orAborted } from "../session/abort.ts";
import type { EngineInfo } from "../session/engine.ts";
import { hostPath } from "./engine_files.ts";
import { inside } from "./inside.ts";
import { sessionOptions, type Where } from "./open.ts";

/** One thing that was looked at. */
export interface Finding {
  /** What it is about. */
  readonly name: string;
  /** Whether all is well; a `note` is no trouble, but good to know. */
  readonly state: "ok" | "note" | "trouble";
  /** What was found, in one line. */
  readonly text: string;
  /** What to do about a trouble. */
  readonly advice?: string;
  /** Further lines. */
  readonly details?: readonly string[];
}

/** Looks at one thing after another and tells of each when it is known. */
export async function* examine(where: Where, signal: AbortSignal): AsyncGenerator<Finding, void, void> {
  yield denoFinding();
  yield permissionFinding();
  yield* surveyFindings(where, signal);
  await using session = new DebugSession(sessionOptions(where));
  let info: EngineInfo;
  try {
    info = await orAborted(session.engine(), signal);
  } catch (error) {
    signal.throwIfAborted();
    yield { name: "engine", state: "trouble", text: messageOf(error), advice: ENGINE_ADVICE };
    return;
  }
  yield engineFinding(info);
  yield await attempt("launch", LAUNCH_ADVICE, signal, () => launchCheck(session, signal));
  yield await attempt("attach", ATTACH_ADVICE, signal, () => attachCheck(session, signal));
  yield await symbolFinding(info, where, signal);
}

const ENGINE_ADVICE = "fetch it with `latch engine fetch`, or name its folder with LATCH_ENGINE";
const LAUNCH_ADVICE = "security software may keep debuggers away; try `latch launch -- cmd.exe /c exit`";
const ATTACH_ADVICE = "a program of your own cannot be attached to: run as the user that started it, or elevated";

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function denoFinding(): Finding {
  const text = `${Deno.version.deno}, ${Deno.build.os} ${Deno.build.arch}`;
  const isKnown = (Deno.build.os === "windows" || Deno.build.os === "linux") && Deno.build.arch === "x86_64";
  if (isKnown) return { name: "deno", state: "ok", text };
  return { name: "deno", state: "trouble", text, advice: "Latch was tried on 64-bit Intel alone, Windows and Linux" };
}

/** What Latch needs of Deno: native calls on Windows, starting the host elsewhere. */
function permissionFinding(): Finding {
  const names = ["ffi", "run", "read", "write", "env", "net"] as const;
  const granted = names.filter((name) => Deno.permissions.querySync({ name }).state === "granted");
  const needed = Deno.build.os === "windows" ? "ffi" : "run";
  const text = granted.length === names.length ? "all" : granted.join(", ") || "none";
  if (granted.includes(needed)) return { name: "permissions", state: "ok", text };
  const advice = `run again with --allow-${needed}, or install latch with -A`;
  return { name: "permissions", state: "trouble", text: `${text}; ${needed} is missing`, advice };
}

async function* surveyFindings(where: Where, signal: AbortSignal): AsyncGenerator<Finding, void, void> {
  if (where.host) {
    yield { name: "host", state: "note", text: where.host.join(" "), advice: "run latch doctor there as well" };
    return;
  }
  try {
    const { engine } = where;
    const { deno, system, wine, prefix, folders } = await inside(
      "survey",
      engine === undefined ? {} : { engine },
      signal,
    );
    if (Deno.build.os !== "windows") yield { name: "host", state: "ok", text: `${hostPath()}, Deno ${deno}` };
    const version = `Windows ${system}`;
    if (wine === null) yield { name: "windows", state: "ok", text: version };
    else yield wineFinding(wine, prefix, version);
    for (const folder of folders) {
      const finding = folderFinding(folder);
      yield finding;
      if (finding.state === "ok") break; // it is the one that is taken
    }
  } catch (error) {
    signal.throwIfAborted();
    yield { name: "host", state: "trouble", text: messageOf(error), advice: "make one with `latch engine fetch`" };
  }
}

const LEAST_WINE = 10;

function wineFinding(wine: string, prefix: string | null, windows: string): Finding {
  const text = `${wine}, prefix ${prefix ?? "unknown"}, plays ${windows}`;
  if (parseInt(wine) >= LEAST_WINE) return { name: "wine", state: "ok", text };
  return { name: "wine", state: "trouble", text, advice: `Windows' Deno needs Wine ${LEAST_WINE} or newer` };
}

function folderFinding({ source, folder, files }: SurveyedFolder): Finding {
  const family = files.filter(({ name }) => name !== "symsrv.dll");
  const missing = family.filter(({ version }) => version === null);
  const there = family.filter(({ version }) => version !== null);
  if (missing.length === 0) return { name: "looked for", state: "ok", text: `${folder} (${source})` };
  const details = there.map(({ name, version }) => `${name.padEnd(12)} ${version}`);
  const lack = there.length === 0 ? "nothing there" : `without ${missing.map(({ name }) => name).join(", ")}`;
  return { name: "looked for", state: "note", text: `${folder} (${source}): ${lack}`, details };
}

function engineFinding({ source, version, architecture, files }: EngineInfo): Finding {
  const details = files.map(({ name, version, path }) => `${name.padEnd(12)} ${version}  ${path}`);
  return { name: "engine", state: "ok", text: `${version}, ${architecture}, opened by ${source}`, details };
}

async function attempt(
  name: string,
  advice: string,
  signal: AbortSignal,
  check: () => Promise<string>,
): Promise<Finding> {
  try {
    return { name, state: "ok", text: await check() };
  } catch (error) {
    signal.throwIfAborted();
    return { name, state: "trouble", text: messageOf(error), advice };
  }
}

const OWN_CODE = 7;

async function launchCheck(session: DebugSession, signal: AbortSignal): Promise<string> {
  const program = await session.launch(["cmd.exe", "/c", `exit ${OWN_CODE}`], { signal });
  const end = await program.run({ signal });
  if (end.exitCode !== OWN_CODE) throw new Error(`cmd.exe ended with ${end.exitCode} instead of ${OWN_CODE}`);
  return "cmd.exe ran under the debugger";
}

/** A program that waits until its input ends; it says its process id. */
const WAITER = "console.log(Deno.pid); for await (const _ of Deno.stdin.readable);";

async function attachCheck(session: DebugSession, signal: AbortSignal): Promise<string> {
  const words = ["eval", WAITER];
  const [file = "", ...args] = Deno.build.os === "windows" ? [Deno.execPath(), ...words] : wineDeno(words);
  const options = { args, stdin: "piped", stdout: "piped", stderr: "null" } as const;
  const child = new Deno.Command(file, options).spawn();
  try {
    const pid = await orAborted(firstNumber(child.stdout), signal);
    const program = await session.attach(pid, { signal });
    const threads = await program.threads();
    await program.detach();
    await child.stdin.close();
    const { code } = await orAborted(child.status, AbortSignal.any([signal, AbortSignal.timeout(20_000)]));
    if (code !== 0) throw new Error(`the program that was attached to ended with code ${code}`);
    return `a process with ${threads.length} threads was attached to, let go, and ran on`;
  } finally {
    await child.stdin.close().catch(() => {}); // closed already where all went well
  }
}

async function firstNumber(stream: ReadableStream<Uint8Array>): Promise<number> {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)) {
    text += part;
    const number = /^(\d+)\r?\n/m.exec(text)?.[1];
    if (number) return Number(number);
  }
  throw new Error("the program to attach to did not start");
}

async function symbolFinding(info: EngineInfo, where: Where, signal: AbortSignal): Promise<Finding> {
  const path = where.symbols ?? "beside the programs, and where they were built";
  if (where.host) return { name: "symbols", state: "ok", text: path };
  const found = await inside("survey", { engine: info.folder }, signal).catch(() => undefined);
  const server = found?.folders[0]?.files.find(({ name }) => name === "symsrv.dll")?.version;
  if (server) {
    return { name: "symbols", state: "ok", text: `${path}; symbol servers can be asked (symsrv.dll ${server})` };
  }
  const text = `${path}; offline: symbol servers cannot be asked, there is no symsrv.dll in the engine's folder`;
  const asksServer = /srv\*|https?:/i.test(where.symbols ?? "");
  const advice = "fetch them by latch symbols fetch, or take the engine of the Debugging Tools for Windows: --engine";
  return { name: "symbols", state: asksServer ? "trouble" : "note", text, ...(asksServer ? { advice } : {}) };
}
