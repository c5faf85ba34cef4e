/**
 * What the crash catcher sees of the programs of one session.
 * @module
 */
import type { DebugEventMap, DebugSession, DumpType, Program } from "../../mod.ts";
import { withGoEnds } from "../../lib/cli/go_ends.ts";
import { CrashWatch, type CrashWatchOptions, isError, reportOn, type SeenCrash } from "../../lib/dbgeng/crash_watch.ts";
import { chooseExceptions, DUMP_LIMIT, type ExceptionChoice } from "../../lib/dbgeng/exception_choice.ts";
import { KeptDumps } from "../../lib/dbgeng/kept_dumps.ts";
import { type Crash, crashOf, type Dumped, type Raised, raisedOf, titleOf } from "./crashes.ts";
import { codeText, type DiagnosticOptions, type Frame, frameText, messageText } from "./diagnostic.ts";

/** What was seen of a program. */
export interface CrashReport {
  /** The crashes; none for a healthy program. */
  readonly crashes: readonly Crash[];
  /** First chances, one for each place or all of those that were chosen, if they were asked for: a program may well handle them. */
  readonly firstChances: readonly (Raised & Dumped)[];
  /** The program's exit code; undefined when it was left before its end. */
  readonly exitCode: number | undefined;
  /** Why the program could not be looked at where it ends itself, where that is so: some crashes are not seen then. */
  readonly blind?: string;
}

/** How to look for crashes. */
export interface CrashOptions extends DiagnosticOptions {
  /** Folder for dumps, on the machine where the engine runs. @default {none are written} */
  readonly dump?: string;
  /** What they contain. @default {"mini"} */
  readonly dumpType?: DumpType;
  /**
   * Whether first chances are told: `errors` leaves out what programs use for other things. A list chooses exceptions by code or name: each of
   * them is told, and dumped if there is a folder for dumps, until there were `limit`. @default {false}
   */
  readonly firstChance?: false | "errors" | "all" | readonly (number | string)[];
  /** How many chosen first chances are told. @default {5} */
  readonly limit?: number;
  /** Whether each end with a code that is not 0 is told and dumped, with the stack of the thread that ended it. @default {false} */
  readonly exitCode?: boolean;
  /** Whether processes that the program starts are watched too. @default {false} */
  readonly children?: boolean;
}

/** Ended by Ctrl-C, or by the one who debugs it. */
const NO_CRASH_CODES = new Set([0xc000013a]);

/** What marks the file of an error that may turn out to be the crash. */
const AHEAD = ".first-chance";

/** What happens to the programs of one session. */
export class Watch {
  /** The crashes so far. */
  readonly crashes: Crash[] = [];
  /** First chances that were told. */
  readonly firstChances: (Raised & Dumped)[] = [];
  readonly #options: CrashOptions;
  readonly #ends: CrashWatch;
  /** Places of first chances that were told. */
  readonly #places = new Set<string>();
  /** Programs whose crash was told. */
  readonly #crashed = new Set<Program>();
  /** Exit codes of those: who started them may pass theirs on. */
  readonly #codes = new Set<number>();
  /** First chances that are told and dumped each. */
  readonly #choice: ExceptionChoice | undefined;
  /** Of errors that may turn out to be crashes. */
  readonly #kept = new KeptDumps();

  /** Listens from now on. */
  constructor(session: DebugSession, options: CrashOptions) {
    this.#options = options;
    const { firstChance } = options;
    this.#choice = Array.isArray(firstChance) ? chooseExceptions(firstChance) : undefined;
    session.on("exception", (event) => this.#exception(event));
    const watch: CrashWatchOptions = {
      exitCodes: options.exitCode ?? false,
      crash: (seen) => this.#crash(seen),
      ...(options.dump === undefined ? {} : { error: (event) => this.#keep(event) }),
    };
    this.#ends = new CrashWatch(session, withGoEnds(watch));
    session.on("programDestroy", (event) => this.#end(event));
  }

  /** Why the ends of a program could not be looked at. */
  blindness(program: Program): string | undefined {
    return this.#ends.blind.get(program);
  }

  /** The program's own handlers get it in any case, as without a debugger. */
  async #exception(event: DebugEventMap["exception"]): Promise<"goNotHandled"> {
    if (event.firstChance) await this.#firstChance(event);
    return "goNotHandled";
  }

  /** A program that ended with the code of an error was ended for it, also if no exception told of that. */
  #end({ program, exitCode, cause }: DebugEventMap["programDestroy"]): void {
    if (this.#kept.take(program)) this.#options.print?.(`handled, and a dump of it: ${this.#fileOf(program, AHEAD)}`);
    if (cause !== undefined && !program.parent) return; // the launch fails with it
    const code = (exitCode ?? 0) >>> 0;
    if (this.#crashed.has(program)) this.#codes.add(code);
    if (this.#codes.has(code) || code < 0xc0000000 || NO_CRASH_CODES.has(code)) return;
    const why = cause ?? "which is an error's, and raised no exception before";
    const title = `${program.name} ended with code ${codeText(code)}, ${why}`;
    const place = { processId: program.pid, program: program.name, code };
    this.#options.print?.(title);
    this.#found({ type: "finding", diagnostic: "crash", title, kind: "exit-code", ...place });
  }

  async #firstChance(event: DebugEventMap["exception"]): Promise<void> {
    if (!this.#tells(event)) return;
    const { program, threadId } = event;
    const raised = raisedOf(event, await reportOn(program, threadId));
    const title = `first chance: ${titleOf(raised, "raised")}`;
    this.#print(title, raised.stack);
    const dumped = this.#choice ? await this.#dump(program, title, `.${this.firstChances.length + 1}`) : {};
    this.#printDump(dumped);
    this.firstChances.push({ ...raised, ...dumped });
  }

  #tells({ processId, code, address }: DebugEventMap["exception"]): boolean {
    const { firstChance = false, limit = DUMP_LIMIT } = this.#options;
    if (this.#choice) return this.#choice(code) && this.firstChances.length < limit;
    const place = `${processId} ${code} ${address}`;
    if (this.#places.has(place) || !(firstChance === "all" || (firstChance === "errors" && isError(code)))) {
      return false;
    }
    this.#places.add(place);
    return true;
  }

  async #keep(event: DebugEventMap["exception"]): Promise<void> {
    const { program, name } = event;
    await this.#kept.keep(event, async () => {
      const { dumpError } = await this.#dump(program, `first chance of ${name}`, AHEAD);
      if (dumpError !== undefined) throw new Error(dumpError);
    }).catch(() => {}); // the crash will say why there is none
  }

  async #crash(seen: SeenCrash): Promise<void> {
    const { program, exception } = seen;
    this.#crashed.add(program);
    const crash = await crashOf(seen);
    this.#print(crash.title, crash.stack ?? []);
    const isKept = exception?.firstChance === true && this.#kept.isOf(exception);
    this.#kept.take(program);
    const dumped = isKept ? { dump: this.#fileOf(program, AHEAD) } : await this.#dump(program, crash.title);
    this.#printDump(dumped);
    this.#found({ ...crash, ...dumped });
  }

  #found(crash: Crash): void {
    this.crashes.push(crash);
    this.#options.found?.(crash);
  }

  #fileOf({ name, pid }: Program, mark: string): string {
    const { dump: folder = "" } = this.#options;
    return `${folder.replace(/[\\/]+$/, "")}${separatorOf(folder)}${name}.${pid}${mark}.dmp`;
  }

  async #dump(program: Program, comment: string, mark = ""): Promise<Dumped> {
    const { dump: folder, dumpType: type = "mini" } = this.#options;
    if (folder === undefined) return {};
    const dump = this.#fileOf(program, mark);
    try {
      await program.writeDump(dump, { type, comment });
      return { dump };
    } catch (error) {
      return { dumpError: error instanceof Error ? error.message : String(error) };
    }
  }

  #printDump({ dump, dumpError }: Dumped): void {
    if (dump !== undefined) this.#options.print?.(`dump: ${dump}`);
    if (dumpError !== undefined) this.#options.print?.(`no dump: ${messageText(dumpError, this.#options)}`);
  }

  #print(title: string, stack: readonly Frame[]): void {
    this.#options.print?.(title);
    for (const frame of stack) this.#options.print?.(`    ${frameText(frame)}`);
  }
}

/** What is between the names of a path: Windows takes both, and the user gets back what he writes. */
function separatorOf(folder: string): string {
  return Deno.build.os === "windows" || /\\|^[A-Za-z]:/.test(folder) ? "\\" : "/";
}
