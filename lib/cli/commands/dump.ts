import { Command } from "npm:commander@15.1.0";
import type { DumpReport } from "../../dbgeng/dump.ts";
import { act } from "../action.ts";
import { exceptionText, frameText, threadText } from "../event_text.ts";
import { UsageError } from "../exit_codes.ts";
import { withExamples } from "../help.ts";
import { enginePath, type Where, withSession } from "../open.ts";
import { engineOption, hostOption, jsonOption, portOption, stackOption, symbolsOption, targetOf } from "../options.ts";
import type { Output } from "../output.ts";
import { address, clean, kilobytes, table } from "../text.ts";

/** `latch dump`: writes and shows dumps. */
export function dumpCommand(): Command {
  const command = new Command("dump").description("write a dump of a process, or show what is in one")
    .addCommand(writeCommand()).addCommand(showCommand());
  return withExamples(
    command,
    ["latch dump write app.exe app.dmp", "a small dump of a process that runs on"],
    ["latch dump show app.dmp", "what is in it"],
  );
}

interface WriteOptions extends Where {
  readonly full?: boolean;
  readonly comment?: string;
  readonly json?: boolean;
}

function writeCommand(): Command {
  const command = new Command("write")
    .description("write a dump of a process, which is suspended meanwhile and runs on")
    .argument("<target>", "process id, or file name of the program")
    .argument("<file>", "the dump to write")
    .option("--full", "with all memory; without it stacks and modules")
    .option("--comment <text>", "a text in the dump")
    .addOption(portOption()).addOption(hostOption()).addOption(engineOption()).addOption(jsonOption())
    .action((target: string, file: string, options: WriteOptions) => write(target, file, options));
  return withExamples(
    command,
    ["latch dump write app.exe app.dmp", "stacks and modules"],
    ["latch dump write 4242 app.dmp --full --comment 'it hangs'", "all memory, and why"],
  );
}

function write(target: string, file: string, options: WriteOptions): Promise<void> {
  const process = targetOf(target);
  return act(options, ({ output, signal }) =>
    withSession(options, signal, async ({ session, port }) => {
      const program = await session.attach(process, { noninvasive: true, signal, ...(port ? { port } : {}) });
      const writing = program.writeDump(enginePath(file, options), {
        type: options.full ? "full" : "mini",
        ...(options.comment === undefined ? {} : { comment: options.comment }),
      });
      await output.progress(`writing ${file}`, writing);
      if (output.json) output.record({ type: "dump", file, processId: program.pid, name: program.name });
      else output.line(`${clean(file)}: ${clean(program.name)}, process ${program.pid}`);
    }));
}

interface ShowOptions {
  readonly engine?: string;
  readonly symbols?: string;
  readonly stack: number;
  readonly json?: boolean;
}

function showCommand(): Command {
  const command = new Command("show")
    .description("show what is in a dump: exception, threads with stacks, modules")
    .argument("<file>", "the dump")
    .addOption(stackOption(64)).addOption(engineOption()).addOption(symbolsOption()).addOption(jsonOption())
    .action((file: string, options: ShowOptions) => show(file, options));
  return withExamples(
    command,
    ["latch dump show app.dmp", "all of it"],
    ["latch dump show app.dmp --symbols C:\\builds\\42 --json", "for programs, with symbols of a folder"],
  );
}

function show(file: string, options: ShowOptions): Promise<void> {
  if (options.stack === 0) throw new UsageError("--stack needs at least one frame here");
  return act(options, async ({ output, signal }) => {
    const { inside } = await import("../inside.ts");
    const { engine, symbols: symbolPath, stack: frames } = options;
    const reading = inside("dump", {
      path: enginePath(file, {}),
      frames,
      ...(engine === undefined ? {} : { engine: enginePath(engine, {}) }),
      ...(symbolPath === undefined ? {} : { symbolPath }),
    }, signal);
    const report = await output.progress(`reading ${file}`, reading);
    if (output.json) printRecords(report, output);
    else printReport(report, output);
  });
}

function printRecords({ processId, program, exception, threads, modules }: DumpReport, output: Output): void {
  output.record({ type: "process", processId, program });
  if (exception) output.record(exception);
  for (const { threadId, name: threadName = null, stack } of threads) {
    output.record({ type: "stack", threadId, threadName, stack });
  }
  for (const module of modules) output.record({ type: "module", ...module });
}

function printReport(report: DumpReport, output: Output): void {
  const { exception } = report;
  output.line(`${clean(report.program)}, process ${report.processId}`);
  if (exception) {
    const chance = exception.firstChance ? "first" : "second";
    const text = `${exceptionText(exception)}, ${chance} chance, thread ${exception.threadId}, at ${
      address(exception.address)
    }`;
    output.line(output.paint("red", "exception") + `  ${clean(text)}`);
  }
  for (const thread of report.threads) {
    output.line(output.paint("bold", threadText(thread)));
    for (const frame of thread.stack) output.line(`  ${frameText(frame)}`);
  }
  const rows = report.modules.map(({ base, size, imageName }) => [address(base), kilobytes(size), imageName]);
  const columns = [{ title: "BASE" }, { title: "SIZE", align: "right" }, { title: "MODULE" }] as const;
  for (const line of table(columns, rows, output.width)) output.line(line);
}
