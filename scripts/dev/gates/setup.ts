/**
 * Fetches what the tests and `latch` import from npm, so that no program under test has to: it would print "Download …". What
 * Windows' Deno runs (tests/live, the engine's host) imports nothing from npm.
 *
 * @throws {Error} with Deno's words when it cannot be had.
 */
export async function fetchPackages(root: string, tests: readonly string[]): Promise<void> {
  const args = ["cache", "--quiet", "lib/cli/latch.ts", ...tests];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: root, stdin: "null" }).output();
  if (!success) throw new Error(`Cannot fetch what tests import: ${new TextDecoder().decode(stderr).trim()}`);
}
