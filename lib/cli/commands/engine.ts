import { Command } from "npm:commander@15.1.0";
import { orAborted } from "../../session/abort.ts";
import { act } from "../action.ts";
import { EXIT } from "../exit_codes.ts";
import { withExamples } from "../help.ts";
import { type Where, withSession } from "../open.ts";
import { engineOption, hostOption, jsonOption } from "../options.ts";
import { table } from "../text.ts";

interface EngineCommandOptions extends Where {
  readonly json?: boolean;
}

/** `latch engine`: where the engine is, and fetching it. */
export function engineCommand(): Command {
  const command = new Command("engine")
    .description("say which engine works here: folder and version of each DLL as it was loaded")
    .addOption(hostOption()).addOption(engineOption()).addOption(jsonOption())
    .action((options: EngineCommandOptions) => show(options))
    .addCommand(fetchCommand());
  return withExamples(
    command,
    ["latch engine", "where it is"],
    ["latch engine fetch", "fetch it, on Linux with all else that runs it"],
  );
}

function show(options: EngineCommandOptions): Promise<void> {
  return act(options, ({ output, signal }) =>
    withSession(options, signal, async ({ session }) => {
      const info = await output.progress("opening the engine", orAborted(session.engine(), signal));
      if (output.json) return output.record(info);
      output.line(`${info.folder} (${info.source}, ${info.architecture})`);
      const rows = info.files.map(({ name, version, path }) => [name, version, path]);
      for (const line of table([{ title: "DLL" }, { title: "VERSION" }, { title: "PATH" }], rows, output.width)) {
        output.line(line);
      }
    }));
}

interface FetchOptions {
  readonly json?: boolean;
  readonly x86?: boolean;
}

function fetchCommand(): Command {
  const command = new Command("fetch")
    .description("fetch the engine to where it is found; on Linux Wine and Windows' Deno as well, about 1.7 GB")
    .option("--x86", "on Linux also what 32-bit programs need, about 0.1 GB; Windows has it")
    .addOption(jsonOption())
    .action((options: FetchOptions) => fetchEngine(options));
  return withExamples(
    command,
    ["latch engine fetch", "fetch what is missing; with everything there it only looks"],
    ["latch engine fetch --x86", "the same, to debug 32-bit programs too"],
  );
}

function fetchEngine(options: FetchOptions): Promise<void> {
  return act(options, async ({ output, signal }) => {
    const { fetchEngineFiles } = await import("../engine_files.ts");
    const steps = (line: string): void => console.error(line); // they take minutes: told on a terminal or not
    let found;
    try {
      found = await orAborted(fetchEngineFiles(steps, options.x86), signal);
    } catch (error) {
      if (signal.aborted) throw error;
      console.error(`error: ${error instanceof Error ? error.message.split("\n").join(" ") : error}`);
      return EXIT.engine;
    }
    if (output.json) output.record(found);
    else output.line(found.folder);
    if (!output.json && found.deno !== undefined) output.line(found.deno);
  });
}
