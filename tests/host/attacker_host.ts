/**
 * A caller of runScript, which runs one script after another: those that come on standard input, a line of JSON each. `abort` ends the one that
 * runs. What came of each is a line on standard output.
 */
import { runScript } from "../../lib/script/run_script.ts";

/** A script, and how it is to be run. */
export interface Task {
  readonly script: string;
  readonly args: readonly string[];
  readonly rights: readonly string[];
  readonly deadline: number;
  readonly silence: number;
}

/** What came of it. */
export interface Told {
  readonly code: number;
  readonly reason: string;
  /** The beginning of what it printed on standard error. */
  readonly err: string;
}

async function runTask({ script, ...options }: Task, signal: AbortSignal): Promise<Told> {
  let err = "";
  const output = { stdout: () => {}, stderr: (text: string) => void (err = (err + text).slice(0, 2_000)) };
  try {
    return { ...await runScript(script, { ...options, output, signal }), err };
  } catch (error) {
    return { code: -1, reason: "failed", err: `${(error as Error).stack}` };
  }
}

let controller = new AbortController();
let rest = "";
for await (const part of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + part).split("\n");
  rest = lines.pop() ?? "";
  for (const line of lines) {
    if (line === "abort") controller.abort();
    else {
      controller = new AbortController();
      runTask(JSON.parse(line) as Task, controller.signal).then((told) => console.log(JSON.stringify(told)));
    }
  }
}
