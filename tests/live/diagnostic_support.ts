/** Running a diagnostic as a program, with no right but FFI and those named. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { debuggee, until } from "./support.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** How a diagnostic ended. */
export interface DiagnosticEnd {
  readonly code: number;
  readonly text: string;
  readonly errors: string;
}

/** One line of `--json`. */
export type JsonLine = { readonly type: string } & Readonly<Record<string, unknown>>;

/** Runs `scripts/NAME.ts`. */
export async function runDiagnostic(
  name: string,
  args: readonly string[],
  rights: readonly string[] = [],
): Promise<DiagnosticEnd> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-ffi", ...rights, "--no-prompt", "--no-check", join(ROOT, "scripts", `${name}.ts`), ...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).replaceAll("\r\n", "\n");
  return { code, text: decode(stdout), errors: decode(stderr) };
}

/** Runs it with `--json`; nothing may go wrong. */
export async function runJson(
  name: string,
  args: readonly string[],
  rights: readonly string[] = [],
): Promise<{ readonly code: number; readonly lines: JsonLine[]; readonly findings: JsonLine[] }> {
  const { code, text, errors } = await runDiagnostic(name, ["--json", ...args], rights);
  assert.equal(errors, "", text);
  const own = text.split("\n").filter((line) => line.startsWith('{"type":')); // the rest is the launched program's
  const lines = own.map((line): JsonLine => JSON.parse(line));
  return { code, lines, findings: lines.filter(({ type }) => type === "finding") };
}

/** What every diagnostic does the same: help, wrong usage, a program that is not there. */
export async function checkUsage(name: string, rights: unknown): Promise<void> {
  assert.ok(Array.isArray(rights) && rights.every((right) => /^--allow-[a-z-]+(=[^"\n]+)?$/.test(right)), `${rights}`);
  const help = await runDiagnostic(name, ["--help"]);
  assert.deepEqual([help.code, help.errors], [0, ""]);
  assert.match(help.text, new RegExp(`^[A-Z][^\n]+\\.\n\nUsage: ${name}\\.ts [^]*--json[^]*Exit code`));
  for (const line of help.text.split("\n")) assert.ok(line.length <= 120, line);
  const cases: [string[], RegExp][] = [
    [[], /^error: There is no program: [^\n]+\n$/],
    [["--no-such-option", "x.exe"], /^error: [^\n]*--no-such-option[^\n]*; see --help\n$/],
    [["--attach=4", "x.exe"], /^error: [^\n]+\n$/],
    [["--attach=nowhere.exe"], /^error: Cannot attach to "nowhere.exe": [^\n]+\n$/],
  ];
  for (const [args, message] of cases) {
    const { code, text, errors } = await runDiagnostic(name, args);
    assert.match(errors, message);
    assert.deepEqual([code, text], [2, ""]);
  }
}

/** The number of the source line of a debuggee that holds a text. */
export function lineOf(debuggeeSource: string, text: string): number {
  const source = Deno.readTextFileSync(join(ROOT, "tests", "debuggees", debuggeeSource)).split(/\r?\n/);
  const found = source.flatMap((line, index) => line.includes(text) ? [index + 1] : []);
  assert.equal(found.length, 1, `one line of ${debuggeeSource} has "${text}"`);
  return found[0] ?? 0;
}

/** A debuggee that runs until the test is over, once it has said that it is ready. */
export async function startReady(
  program: string,
  args: readonly string[],
  ready: string,
): Promise<AsyncDisposable & { readonly pid: number; said(what: RegExp): string | undefined }> {
  const path = /[\\/]/.test(program) ? program : debuggee(program);
  const child = new Deno.Command(path, { args: [...args], stdin: "piped", stdout: "piped", stderr: "null" }).spawn();
  let text = "";
  const reading = (async () => {
    for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) text += part;
  })();
  await until(() => text.includes(ready), `${program} says ${ready}`);
  return {
    pid: child.pid,
    said: (what: RegExp): string | undefined => what.exec(text)?.[1],
    async [Symbol.asyncDispose](): Promise<void> {
      try {
        child.kill();
      } catch { /* it has ended by itself */ }
      await child.status;
      await reading;
      await child.stdin.abort().catch(() => {});
    },
  };
}
