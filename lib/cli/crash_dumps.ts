/**
 * `--dump`: dumps of programs where they crash.
 * @module
 */
import { CrashWatch, type CrashWatchOptions, type SeenCrash, type WatchedSession } from "../dbgeng/crash_watch.ts";
import { DUMP_LIMIT, type ExceptionChoice } from "../dbgeng/exception_choice.ts";
import { KeptDumps } from "../dbgeng/kept_dumps.ts";
import type { Program } from "../session/program.ts";
import { withGoEnds } from "./go_ends.ts";
import { enginePath, type Where } from "./open.ts";
import type { Output } from "./output.ts";

/** What is dumped, and where to. */
export interface CrashDumpOptions extends Where {
  /** The file, as the user writes it. */
  readonly dump: string;
  /** Whether ends with a code that is not 0 count. */
  readonly exitCode?: boolean;
  /** First chances that are dumped too. */
  readonly onException?: ExceptionChoice;
  /** How many of them. */
  readonly dumpLimit?: number;
}

/** Has the crashes of a session's programs dumped. */
export function dumpCrashes(session: WatchedSession, output: Output, options: CrashDumpOptions): void {
  const { dump, exitCode = false } = options;
  const isHere = options.host === undefined;
  const kept = new KeptDumps();
  const ahead = beside(dump, "first-chance");
  const write = (program: Program, file: string, comment?: string): Promise<void> =>
    program.writeDump(enginePath(file, options), { type: "mini", ...(comment === undefined ? {} : { comment }) });
  const tell = (file: string, { pid, name }: Program, kind: string): void => {
    if (output.json) output.record({ type: "dump", file, processId: pid, name, kind });
    else output.note(`dump: ${file} (${kind})`);
  };
  dumpChosen(session, options, async (program, number, name) => {
    const file = beside(dump, String(number));
    await write(program, file, `first chance of ${name}`);
    tell(file, program, "first-chance");
  });
  const watch: CrashWatchOptions = {
    exitCodes: exitCode,
    error: (event) => kept.keep(event, () => write(event.program, ahead, `first chance of ${event.name}`)),
    async crash(seen): Promise<void> {
      const { program, kind, exception } = seen;
      const isKept = exception?.firstChance === true && kept.isOf(exception) && isHere;
      if (!isKept) await write(program, dump, exception ? undefined : commentOf(seen));
      const hasFile = kept.take(program);
      if (isKept) await Deno.rename(ahead, dump);
      else if (hasFile && isHere) await Deno.remove(ahead).catch(() => {});
      tell(dump, program, kind);
    },
  };
  new CrashWatch(session, withGoEnds(watch));
  session.on("programDestroy", async ({ program }) => {
    if (!kept.take(program)) return;
    if (isHere) await Deno.remove(ahead).catch(() => {}); // it has handled that
    else output.note(`${ahead} is of an error that it handled`);
  });
}

/** Has chosen first chances dumped, numbered from 1 on. */
function dumpChosen(
  session: WatchedSession,
  { onException, dumpLimit = DUMP_LIMIT }: CrashDumpOptions,
  write: (program: Program, number: number, name: string) => Promise<void>,
): void {
  if (!onException) return;
  let count = 0;
  session.on("exception", async ({ program, firstChance, code, name }) => {
    if (firstChance && onException(code) && count < dumpLimit) await write(program, ++count, name);
  });
}

/** Another file of its kind in the same folder: `crash.dmp`, `crash.first-chance.dmp`. */
export function beside(file: string, mark: string): string {
  const [, stem = file, extension = ""] = /^(.*[^\\/])(\.[^.\\/]*)$/s.exec(file) ?? [];
  return `${stem}.${mark}${extension}`;
}

/** Under Wine a small dump does not lead through the system's own functions: what stands beyond them is told. */
function commentOf({ kind, stack }: SeenCrash): string {
  const names = stack.flatMap(({ symbol }) => symbol === null ? [] : [symbol]);
  return `${kind} in ${names.join(" < ")}`;
}
