import { Command } from "npm:commander@15.1.0";
import type { ProcessInfo } from "../../session/engine.ts";
import { orAborted } from "../../session/abort.ts";
import { fitsPattern } from "../../session/pattern.ts";
import { act } from "../action.ts";
import { withExamples } from "../help.ts";
import { type Where, withSession } from "../open.ts";
import { engineOption, hostOption, jsonOption, portOption } from "../options.ts";
import { table } from "../text.ts";

interface PsOptions extends Where {
  readonly json?: boolean;
}

/** `latch ps`: the processes that run. */
export function psCommand(): Command {
  const command = new Command("ps")
    .description("list processes: id, name, description")
    .argument("[filter]", "part of a name or description, a pattern with * and ?, or a process id")
    .addOption(portOption()).addOption(hostOption()).addOption(engineOption()).addOption(jsonOption())
    .action((filter: string | undefined, options: PsOptions) => list(filter, options));
  return withExamples(
    command,
    ["latch ps", "all processes"],
    ["latch ps app", "those with app in their name"],
    ["latch ps 'svc*.exe' --json", "one JSON object for each"],
    ["latch ps --port tcp:server=lab7,port=5005", "those of another machine, through its process server"],
  );
}

function list(filter: string | undefined, options: PsOptions): Promise<void> {
  return act(options, ({ output, signal }) =>
    withSession(options, signal, async ({ session, port }) => {
      const all = await orAborted(port ? port.processes() : session.processes(), signal);
      const found = all.filter((process) => matches(process, filter));
      if (output.json) return found.forEach((process) => output.record(process));
      const rows = found.map(({ processId, name, description }) => [String(processId), name, description]);
      const columns = [{ title: "PID", align: "right" }, { title: "NAME" }, { title: "DESCRIPTION" }] as const;
      for (const line of table(columns, rows, output.width)) output.line(line);
    }));
}

/** Whether a filter means a process: by its id, by a pattern for its name, or by a part of name or description. */
export function matches({ processId, name, description }: ProcessInfo, filter: string | undefined): boolean {
  if (filter === undefined) return true;
  if (/^\d+$/.test(filter) && Number(filter) === processId) return true;
  if (!/[*?]/.test(filter)) return `${name}\n${description}`.toLowerCase().includes(filter.toLowerCase());
  return fitsPattern(filter, name);
}
