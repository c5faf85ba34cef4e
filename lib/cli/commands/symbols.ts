import { Command } from "npm:commander@15.1.0";
import type { FetchedFile, FetchProgress } from "../../symbols/mod.ts";
import { act } from "../action.ts";
import { EXIT, UsageError } from "../exit_codes.ts";
import { withExamples } from "../help.ts";
import { jsonOption } from "../options.ts";
import type { Output } from "../output.ts";
import { clean, kilobytes, table } from "../text.ts";

/** `latch symbols`: fetches them. */
export function symbolsCommand(): Command {
  const command = new Command("symbols").description("fetch symbols from symbol servers").addCommand(fetchCommand());
  return withExamples(command, [
    "latch symbols fetch app.dmp --server https://symbols.example.com --cache symbols",
    "what a dump's modules want",
  ]);
}

interface FetchOptions {
  readonly server: readonly string[];
  readonly cache: string;
  readonly modules?: boolean;
  readonly followPaths?: boolean;
  readonly json?: boolean;
}

function fetchCommand(): Command {
  const command = new Command("fetch")
    .description(
      "fetch what programs, DLLs and minidumps want into a folder, for --symbols; what is there is not fetched again",
    )
    .argument("<files...>", "programs, DLLs and minidumps")
    .requiredOption("--server <url>", "symbol server, asked over HTTP; several are asked in their order", collect)
    .requiredOption("--cache <folder>", "where they are kept: name/id/name, as in Microsoft's symbol stores")
    .option("--modules", "fetch programs and DLLs themselves, too")
    .option("--follow-paths", "copy a file from where a server says that it is, on this machine or in its network")
    .addOption(jsonOption())
    .action((files: string[], options: FetchOptions) => fetchAll(files, options));
  return withExamples(
    command,
    ["latch symbols fetch app.exe --server https://symbols.example.com --cache symbols", "symbols of a program"],
    ["latch symbols fetch app.dmp --server https://symbols.example.com --cache symbols --modules", "all for a dump"],
  );
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function fetchAll(files: string[], options: FetchOptions): Promise<void> {
  return act(options, async ({ output, signal }) => {
    const { fetchSymbols } = await import("../../symbols/mod.ts");
    const { server: servers, cache, modules, followPaths } = options;
    let state = "fetching symbols";
    const onProgress = (progress: FetchProgress): void => void (state = stateText(progress));
    const fetching = fetchSymbols(files, { servers, cache, modules, followPaths, signal, onProgress })
      .catch((error) => {
        throw error instanceof TypeError ? new UsageError(error.message) : error;
      });
    const fetched = await output.progress(() => state, fetching);
    print(fetched, output);
    const isThere = ({ outcome }: FetchedFile): boolean => outcome === "present" || outcome === "fetched";
    const isFailure = fetched.some(({ outcome }) => outcome === "failed") || !fetched.some(isThere);
    return isFailure ? EXIT.found : EXIT.done;
  });
}

function stateText({ file, received, total }: FetchProgress): string {
  return `fetching ${clean(file.name)}, ${kilobytes(received)}${total === undefined ? "" : ` of ${kilobytes(total)}`}`;
}

function print(files: readonly FetchedFile[], output: Output): void {
  if (output.json) {
    for (const file of files) output.record({ type: "symbols", ...file });
    return;
  }
  if (files.length === 0) return output.line("these files name no symbols");
  const rows = files.map(({ outcome, name, id, path, reason }) => [outcome, name, path ?? reason ?? id]);
  for (
    const line of table([{ title: "OUTCOME" }, { title: "FILE" }, { title: "WHERE, OR WHY NOT" }], rows, output.width)
  ) {
    output.line(line);
  }
}
