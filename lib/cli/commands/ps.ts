import { Command } from "npm:commander@15.1.0";
import type { ProcessInfo } from "../../session/engine.ts";
import { orAborted } from "../../session/abort.ts";
import { fitsPattern } from "../../session/pattern.ts";
import { act } from "../action.ts";
import { withExamples } from "../help.ts";
import { userPath, type Where, withSession } from "../open.ts";
import { engineOption, hostOption, jsonOption, portOption } from "../options.ts";
import { table } from "../text.ts";

interface PsOptions extends Where {
  readonly json?: boolean;
}

/** `latch ps`: the processes that run. */
export function psCommand(): Command {
  const command = new Command("ps")
    .description("list processes: id, name, description, command line")
    .argument("[filter]", "part of a name, description, path or command line, a pattern with * and ?, or a process id")
    .addOption(portOption()).addOption(hostOption()).addOption(engineOption()).addOption(jsonOption())
    .action((filter: string | undefined, options: PsOptions) => list(filter, options));
  return withExamples(
    command,
    ["latch ps", "all processes"],
    ["latch ps app", "those with app in their name, path or arguments"],
    ["latch ps 'svc*.exe' --json", "one JSON object for each"],
    ["latch ps --port tcp:server=lab7,port=5005", "those of another machine, through its process server"],
  );
}

function list(filter: string | undefined, options: PsOptions): Promise<void> {
  return act(options, ({ output, signal }) =>
    withSession(options, signal, async ({ session, port }) => {
      const all = await orAborted(port ? port.processes() : session.processes(), signal);
      const found = all.filter((process) => matches(process, filter, userPath(process.path, options)));
      if (output.json) return found.forEach((process) => output.record(process));
      const rows = found.map((process) => [
        ...[String(process.processId), process.name, process.description],
        commandText(process, userPath(process.path, options)),
      ]);
      const titles = [{ title: "NAME" }, { title: "DESCRIPTION" }, { title: "COMMAND LINE" }];
      const columns = [{ title: "PID", align: "right" }, ...titles] as const;
      for (const line of table(columns, rows, output.width)) output.line(line);
    }));
}

/** A command line, and the program's path where it does not say that itself. */
export function commandText({ path, commandLine }: ProcessInfo, shownPath: string = path): string {
  if (commandLine === "") return shownPath;
  const isSaid = commandLine.toLowerCase().includes(path.toLowerCase());
  return isSaid ? commandLine : `${commandLine}  (${shownPath})`;
}

/** Whether a filter means a process: by its id, or by a pattern for its name, path or command line, or a part of these or of its description. */
export function matches(process: ProcessInfo, filter: string | undefined, shownPath: string = process.path): boolean {
  const { processId, name, description, path, commandLine } = process;
  if (filter === undefined) return true;
  if (/^\d+$/.test(filter) && Number(filter) === processId) return true;
  if (/[*?]/.test(filter)) return [name, path, shownPath, commandLine].some((text) => fitsPattern(filter, text));
  const texts = [name, description, path, shownPath, commandLine];
  return texts.some((text) => text.toLowerCase().includes(filter.toLowerCase()));
}
