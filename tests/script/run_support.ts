/** Runs scripts in a process of their own. */
import { join } from "node:path";
import type { EngineConnection } from "../../lib/dbgeng/engine_api.ts";
import { runScript, type RunScriptOptions, type ScriptResult } from "../../lib/script/run_script.ts";
import type { FakeConnection } from "../remote/channel_support.ts";

/** What came of a script. */
export interface Outcome extends ScriptResult {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the text of a script, with other files beside it. */
export async function run(
  source: string,
  options: RunScriptOptions = {},
  files: Record<string, string | URL> = {},
): Promise<Outcome> {
  const folder = await Deno.makeTempDir({ prefix: "latch-" });
  const out = { stdout: "", stderr: "" };
  const output = {
    stdout: (text: string) => void (out.stdout += text),
    stderr: (text: string) => void (out.stderr += text),
  };
  try {
    await Deno.mkdir(join(folder, "s"));
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, "s", name);
      await (content instanceof URL ? Deno.symlink(content, path) : Deno.writeTextFile(path, content));
    }
    const script = join(folder, "s", "main.ts");
    await Deno.writeTextFile(script, source);
    return { ...await runScript(script, { output, deadline: 60_000, ...options }), ...out };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Has scripts reach this engine. */
export const connect = (fake: FakeConnection): () => EngineConnection => () => fake;
