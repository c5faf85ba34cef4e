/** Exit codes, and that the README tells them as they are. */
import assert from "node:assert/strict";
import { AttachError, EngineError } from "../../mod.ts";
import { EXIT, EXIT_MEANINGS, exitCodeOf, Interrupted, targetExitCode, UsageError } from "../../lib/cli/exit_codes.ts";
import { VERSION } from "../../lib/cli/version.ts";

const root = new URL("../../", import.meta.url);

Deno.test("every error has its exit code", () => {
  assert.equal(exitCodeOf(new UsageError("x")), 2);
  assert.equal(exitCodeOf(new AttachError("no-such-process", "x")), 3);
  assert.equal(exitCodeOf(new AttachError("server-unreachable", "x")), 3);
  assert.equal(exitCodeOf(new AttachError("invalid-flags", "x")), 2);
  assert.equal(exitCodeOf(new EngineError("not-found", "x")), 4);
  assert.equal(exitCodeOf(new EngineError("lost", "x")), 4);
  assert.equal(exitCodeOf(new EngineError("failed", "x")), 1);
  assert.equal(exitCodeOf(new Deno.errors.NotCapable("x")), 5);
  assert.equal(exitCodeOf(new DOMException("x", "TimeoutError")), 124);
  assert.equal(exitCodeOf(new Interrupted("x")), 130);
  assert.equal(exitCodeOf(new Error("x")), 1);
  assert.equal(exitCodeOf("x"), 1);
});

Deno.test("a program's exit code stays what it is on Windows, and keeps its lowest byte elsewhere", () => {
  assert.equal(targetExitCode(0xc0000005, "windows"), -1073741819);
  assert.equal(targetExitCode(42, "windows"), 42);
  assert.equal(targetExitCode(-1073741819, "linux"), 5);
  assert.equal(targetExitCode(42, "linux"), 42);
  assert.equal(targetExitCode(0, "linux"), 0);
  assert.equal(targetExitCode(0x100, "linux"), 1, "a failure does not become a success");
});

Deno.test("the README's table of exit codes is this one", () => {
  const text = Deno.readTextFileSync(new URL("README.md", root));
  const rows = [...text.matchAll(/^\| `(\d+)` +\| (.+?) +\|$/gm)].map(([, code, meaning]) => [Number(code), meaning]);
  const names = Object.keys(EXIT) as (keyof typeof EXIT)[];
  assert.deepEqual(rows, names.map((name) => [EXIT[name], EXIT_MEANINGS[name]]));
});

Deno.test("the version is that of deno.json", () => {
  const { version } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", root)));
  assert.equal(VERSION, version);
});
