import { Command } from "npm:commander@15.1.0";
import { chooseExceptions, DUMP_LIMIT, type ExceptionChoice } from "../../dbgeng/exception_choice.ts";
import type { ChildOption } from "../../session/children.ts";
import type { EventName } from "../../session/events.ts";
import type { LaunchOptions } from "../../session/options.ts";
import type { Program } from "../../session/program.ts";
import { act, type Action } from "../action.ts";
import { dumpCrashes } from "../crash_dumps.ts";
import { requireDumpFile } from "../dump_place.ts";
import { EXIT, targetExitCode, UsageError } from "../exit_codes.ts";
import { withExamples } from "../help.ts";
import { openInput } from "../input.ts";
import { enginePath, type Opened, userPath, type Where, withSession } from "../open.ts";
import {
  childrenOption,
  engineOption,
  eventsOption,
  hostOption,
  jsonOption,
  portOption,
  SHOWN_EVENTS,
  stackOption,
  symbolsOption,
  timeoutOption,
  wholeNumber,
} from "../options.ts";
import { printEvents, runToEnd } from "../watch.ts";

interface LaunchCommandOptions extends Where {
  readonly on?: readonly EventName[];
  readonly stack: number;
  readonly children?: ChildOption;
  readonly directory?: string;
  readonly env?: readonly string[];
  readonly input?: string;
  readonly dump?: string;
  readonly exitCode?: boolean;
  readonly onException?: ExceptionChoice;
  readonly dumpLimit?: number;
  readonly timeout?: number;
  readonly json?: boolean;
}

/** `latch launch`: a program from its first to its last event. */
export function launchCommand(): Command {
  const command = new Command("launch")
    .description("launch a program, print what happens in it, end with its exit code")
    .argument("<program>", "the program")
    .argument("[args...]", "its arguments")
    .passThroughOptions()
    .addOption(eventsOption()).addOption(stackOption(16)).addOption(childrenOption())
    .option("--directory <folder>", "its working folder")
    .option("--env <name=value>", "a variable of its environment; can be repeated", (text, list: string[] = []) => [
      ...list,
      text,
    ])
    .option("--input <file>", "what it reads from its standard input: a file, or - for that of this command")
    .option(
      "--dump <file>",
      "write a small dump where it crashes: nothing takes an exception, or it gives up by itself",
    )
    .option("--exit-code", "with --dump: also where it ends with a code that is not 0")
    .option(
      "--on-exception <exceptions>",
      "with --dump: also at first chances of these, by code or name, with commas between",
      exceptions,
    )
    .option("--dump-limit <count>", `how many of these are dumped (${DUMP_LIMIT})`, wholeNumber)
    .addOption(timeoutOption("end it after that time; the exit code is 124 then"))
    .addOption(portOption()).addOption(hostOption()).addOption(engineOption()).addOption(symbolsOption())
    .addOption(jsonOption())
    .action((program: string, args: string[], options: LaunchCommandOptions) => launch([program, ...args], options));
  return withExamples(
    command,
    ["latch launch -- app.exe --flag", "all events; exceptions with their stack"],
    ["latch launch --on exception -- app.exe", "only exceptions"],
    ["latch launch --json -- app.exe", "one JSON object for each event"],
    ["sort -u names | latch launch --input - -- app.exe", "with what comes through the pipe as its standard input"],
    ["latch launch --dump crash.dmp -- app.exe", "a dump where it crashes"],
    [
      "latch launch --dump a.dmp --on-exception ACCESS_VIOLATION -- app.exe",
      "dumps where errors are raised: a.1.dmp, …",
    ],
    ["latch launch --children follow --timeout 60 -- build.exe", "with its children; ended after a minute"],
  );
}

function launch(command: readonly string[], options: LaunchCommandOptions): Promise<void> {
  const environment = Object.fromEntries((options.env ?? []).map((text) => {
    const at = text.indexOf("=");
    if (at <= 0) throw new UsageError(`"${text}" is no variable; write NAME=value`);
    return [text.slice(0, at), text.slice(at + 1)];
  }));
  const { dump, exitCode, onException, dumpLimit } = options;
  if (dump === undefined && (exitCode || onException)) {
    throw new UsageError("--exit-code and --on-exception need --dump: they say when one is written");
  }
  if (dump !== undefined) requireDumpFile(dump, options);
  if (dumpLimit !== undefined && !onException) throw new UsageError("--dump-limit is of --on-exception");
  return act(options, async (action) => {
    const input = options.input === undefined ? undefined : await openInput(options.input);
    // Before the program runs, a host tells why it cannot work: that stands in the error.
    const run = { started: false };
    const onHostText = (bytes: Uint8Array): void => run.started ? action.output.pass(bytes) : undefined;
    return await withSession({ ...options, onHostText }, action.signal, async (opened) => {
      const launched = await open(command, { environment, ...(input ? { input } : {}) }, opened, action, options);
      run.started = true;
      await runToEnd(opened, launched, action.signal);
      // What it printed last comes by another stream than its end.
      if (Deno.build.os !== "windows" || options.host) await new Promise((resolve) => setTimeout(resolve, LINGER));
      const code = launched.end?.exitCode;
      return code === undefined ? EXIT.found : targetExitCode(code);
    });
  });
}

function exceptions(text: string): ExceptionChoice {
  try {
    return chooseExceptions(text.split(","));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** How long a host's other output may be under way, in milliseconds. */
const LINGER = 50;

async function open(
  command: readonly string[],
  given: Pick<LaunchOptions, "environment" | "input">,
  opened: Opened,
  { output, signal }: Action,
  options: LaunchCommandOptions,
): Promise<Program> {
  const { session, port } = opened;
  const { directory, children, dump } = options;
  printEvents(opened, output, {
    ...{ ...options, many: children !== undefined },
    ...(dump === undefined ? {} : { on: shownBeside(options.on) }),
    pathText: (path) => userPath(path, options),
  });
  if (dump !== undefined) dumpCrashes(session, output, { ...options, dump });
  const [program = "", ...args] = command;
  return await session.launch([programPath(program, options), ...args], {
    signal,
    ...given,
    ...(port ? { port } : {}),
    ...(children === undefined ? {} : { children }),
    ...(directory === undefined ? {} : { directory: port ? directory : enginePath(directory, options) }),
  });
}

/** Events beside dumps: the breakpoints are those that ends are seen by. */
function shownBeside(names: readonly EventName[] = SHOWN_EVENTS): EventName[] {
  return names.filter((name) => name !== "breakpoint");
}

/** A program that is named by a path of Linux lies on a drive to Windows' programs; a plain name is looked for by Windows. */
function programPath(program: string, options: LaunchCommandOptions): string {
  return options.port === undefined && program.includes("/") ? enginePath(program, options) : program;
}
