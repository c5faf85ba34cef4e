import { Command } from "npm:commander@15.1.0";
import type { ChildOption } from "../../session/children.ts";
import type { EventName } from "../../session/events.ts";
import { act, type Action } from "../action.ts";
import { frameText, threadText } from "../event_text.ts";
import { UsageError } from "../exit_codes.ts";
import { withExamples } from "../help.ts";
import { programRecord } from "../json.ts";
import { type Opened, userPath, type Where, withSession } from "../open.ts";
import {
  childrenOption,
  engineOption,
  eventsOption,
  hostOption,
  jsonOption,
  portOption,
  stackOption,
  symbolsOption,
  targetOf,
  timeoutOption,
} from "../options.ts";
import { printEvents, runToEnd } from "../watch.ts";

interface AttachCommandOptions extends Where {
  readonly on?: readonly EventName[];
  readonly stack: number;
  readonly children?: ChildOption;
  readonly break: boolean;
  readonly noninvasive?: boolean;
  readonly timeout?: number;
  readonly json?: boolean;
}

/** `latch attach`: the events of a process that runs. */
export function attachCommand(): Command {
  const command = new Command("attach")
    .description("print what happens in a process, until it ends or Ctrl-C lets it go")
    .argument("<target>", "process id, or file name of the program")
    .addOption(eventsOption()).addOption(stackOption(1)).addOption(childrenOption())
    .option("--noninvasive", "only look: print the stacks of all threads and let it go")
    .option("--no-break", "do not break in: it is never stopped for the attach")
    .addOption(timeoutOption("let it go after that time; the exit code is 124 then"))
    .addOption(portOption()).addOption(hostOption()).addOption(engineOption()).addOption(symbolsOption())
    .addOption(jsonOption())
    .action((target: string, options: AttachCommandOptions) => attach(target, options));
  return withExamples(
    command,
    ["latch attach app.exe", "its events, until it ends or Ctrl-C"],
    ["latch attach 4242 --on exception,exitProcess --json", "only these, one JSON object each"],
    ["latch attach app.exe --noninvasive", "stacks of all threads, now"],
    ["latch attach app.exe --children follow --timeout 60", "with its children, for a minute"],
  );
}

function attach(target: string, options: AttachCommandOptions): Promise<void> {
  const process = targetOf(target);
  if (options.noninvasive && (options.on || options.children || !options.break)) {
    throw new UsageError("--noninvasive only looks: leave out --on, --children and --no-break");
  }
  return act(options, (action) =>
    withSession(options, action.signal, async (opened) => {
      if (options.noninvasive) return await look(process, opened, action);
      await watch(process, opened, action, options);
    }));
}

async function watch(
  target: number | string,
  opened: Opened,
  { output, signal }: Action,
  options: AttachCommandOptions,
): Promise<void> {
  const { session, port } = opened;
  printEvents(opened, output, {
    ...{ ...options, many: options.children !== undefined },
    pathText: (path) => userPath(path, options),
  });
  const opening = session.attach(target, {
    signal,
    initialBreak: options.break,
    ...(port ? { port } : {}),
    ...(options.children === undefined ? {} : { children: options.children }),
  });
  const program = await output.progress(`attaching to ${target}`, opening);
  output.note(`attached to ${program.name}, process ${program.pid}; Ctrl-C lets it go`);
  await runToEnd(opened, program, signal);
}

/** The stacks of all threads. */
async function look(target: number | string, { session, port }: Opened, { output, signal }: Action): Promise<void> {
  const program = await session.attach(target, { noninvasive: true, signal, ...(port ? { port } : {}) });
  if (!output.json) output.line(`${program.name}, process ${program.pid}`);
  for (const thread of await program.threads()) {
    signal.throwIfAborted();
    const stack = await thread.stack();
    const { threadId, name: threadName = null } = thread;
    if (output.json) output.record({ type: "stack", program: programRecord(program), threadId, threadName, stack });
    else {
      output.line(output.paint("bold", threadText(thread)));
      for (const frame of stack) output.line(`  ${frameText(frame)}`);
    }
  }
}
