import { Command } from "npm:commander@15.1.0";
import type { DumpReport } from "../../dbgeng/dump.ts";
import type { DumpFile } from "../../files/dump_file.ts";
import { isWine } from "../../remote/wine.ts";
import { codeText, EngineError } from "../../session/errors.ts";
import { act } from "../action.ts";
import { requireDumpFile } from "../dump_place.ts";
import { UsageError } from "../exit_codes.ts";
import { withExamples } from "../help.ts";
import { enginePath, engineSymbolPath, type Where, withSession } from "../open.ts";
import { engineOption, hostOption, jsonOption, portOption, stackOption, symbolsOption, targetOf } from "../options.ts";
import type { Output } from "../output.ts";
import { clean } from "../text.ts";

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
    .option("--full", "with all memory, and so with the code that leads through stacks; without it stacks and modules")
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
  requireDumpFile(file, options);
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
    const { readDumpFile } = await import("../../files/dump_file.ts");
    const said = readDumpFile(file);
    const { report, failure } = await output.progress(`reading ${file}`, engineReport(file, options, signal));
    if (failure && !said.program && !said.kernel) throw failure;
    await print(said, report, output);
    const damage = (said.program ?? said.kernel)?.damage ?? [];
    if (failure || damage.length > 0) throw whyNotMore(file, failure); // after what can be read all the same
  });
}

async function print(
  { program: file, kernel }: DumpFile,
  report: DumpReport | undefined,
  output: Output,
): Promise<void> {
  if (kernel || report?.kernel) {
    const { printKernel, printKernelRecords } = await import("./kernel_show.ts");
    return (output.json ? printKernelRecords : printKernel)({ file: kernel, report }, output);
  }
  const { printRecords, printReport } = await import("./dump_show.ts");
  (output.json ? printRecords : printReport)({ file, report }, output);
}

/** The engine's words name the file as the engine sees it. */
function whyNotMore(file: string, failure: Error | undefined): Error {
  if (failure && !(failure instanceof EngineError && failure.kind === "failed")) return failure;
  const advice = "it is cut off or damaged; take a whole copy of it";
  return new EngineError("failed", `Cannot read all of ${file}: ${advice}${codeText(failure ?? {})}`, failure);
}

/** What the engine finds in it, or why it cannot. */
async function engineReport(
  file: string,
  { engine, symbols: symbolPath, stack: frames }: ShowOptions,
  signal: AbortSignal,
): Promise<{ readonly report?: DumpReport; readonly failure?: Error }> {
  const { inside } = await import("../inside.ts");
  const images = isWine ? await Deno.makeTempDir({ prefix: "latch-" }) : undefined;
  try {
    const report = await inside("dump", {
      path: enginePath(file, {}),
      frames,
      ...(images === undefined ? {} : { imagePath: enginePath(images, {}) }),
      ...(engine === undefined ? {} : { engine: enginePath(engine, {}) }),
      ...(symbolPath === undefined ? {} : { symbolPath: engineSymbolPath(symbolPath, {}) }),
    }, signal);
    return { report };
  } catch (error) {
    signal.throwIfAborted();
    return { failure: error instanceof Error ? error : new Error(String(error)) };
  } finally {
    if (images !== undefined) await Deno.remove(images, { recursive: true });
  }
}
