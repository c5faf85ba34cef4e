/**
 * What has to be done where the engine is: by calling it on Windows, by Windows' Deno under Wine on Linux.
 *
 *     deno run --allow-ffi lib/cli/inside.ts survey {}
 *
 * @module
 */
import type { DumpOptions, DumpReport } from "../dbgeng/dump.ts";
import type { Survey } from "../dbgeng/survey.ts";
import { decode, encode } from "../session/codec.ts";
import { lastLines, NO_PROGRAM } from "../remote/command.ts";
import { wineDeno, wineUrl } from "../remote/wine.ts";
import { EngineError, errorFromRecord, type ErrorRecord, recordFromError } from "../session/errors.ts";

/** What can be asked for. */
interface Tasks {
  /** Reads a dump. */
  dump: { readonly ask: DumpOptions & { readonly path: string }; readonly answer: DumpReport };
  /** Looks what there is of engines. */
  survey: { readonly ask: { readonly engine?: string }; readonly answer: Survey };
}

type Answer<K extends keyof Tasks> = { readonly value: Tasks[K]["answer"] } | { readonly error: ErrorRecord };

/** Marks the one line that is the answer: Wine and the engine may print others. */
const MARK = "latch-answer ";

/** Does one of these tasks. */
export async function inside<K extends keyof Tasks>(
  task: K,
  ask: Tasks[K]["ask"],
  signal?: AbortSignal,
): Promise<Tasks[K]["answer"]> {
  if (Deno.build.os === "windows") return await perform(task, ask);
  const entry = wineUrl(new URL("../generated/inside.js", import.meta.url));
  const { imagePath } = ask as Partial<Tasks["dump"]["ask"]>;
  const files = imagePath === undefined ? [] : ["--allow-read", `--allow-write=${imagePath}`];
  const rights = ["--allow-ffi", "--allow-env=LATCH_ENGINE,WINEPREFIX", ...files];
  const permissions = [...rights, "--no-prompt", "--no-config", "--no-npm"];
  const [program = "", ...args] = wineDeno(["run", ...permissions, entry, task, encode(ask)]);
  const options = { args, stdin: "null", stdout: "piped", stderr: "piped", ...(signal ? { signal } : {}) } as const;
  const { code, stdout, stderr } = await new Deno.Command(program, options).output();
  signal?.throwIfAborted();
  const line = new TextDecoder().decode(stdout).split(/\r?\n/).find((one) => one.startsWith(MARK));
  if (line === undefined) throw hostFailure(code, new TextDecoder().decode(stderr));
  const answer = decode(line.slice(MARK.length)) as Answer<K>;
  if ("error" in answer) throw errorFromRecord(answer.error);
  return answer.value;
}

function hostFailure(code: number, text: string): EngineError {
  const kind = code === NO_PROGRAM ? "not-found" : "lost";
  return new EngineError(kind, `Cannot use the Wine host: it ended with code ${code}${lastLines(text)}`);
}

async function perform<K extends keyof Tasks>(task: K, ask: Tasks[K]["ask"]): Promise<Tasks[K]["answer"]> {
  if (task === "dump") {
    const { readDump } = await import("../dbgeng/dump.ts");
    const { path, ...options } = ask as Tasks["dump"]["ask"];
    if (options.imagePath !== undefined) {
      const { copyMovedImages } = await import("./relocated_images.ts");
      copyMovedImages(path, options.imagePath);
    }
    return readDump(path, options);
  }
  const { survey } = await import("../dbgeng/survey.ts");
  return survey((ask as Tasks["survey"]["ask"]).engine);
}

if (import.meta.main) {
  const [task, ask = "{}"] = Deno.args as [keyof Tasks, string];
  const answer = await perform(task, decode(ask) as Tasks[typeof task]["ask"]).then(
    (value) => ({ value }),
    (error) => ({ error: recordFromError(error) }),
  );
  console.log(MARK + encode(answer));
}
