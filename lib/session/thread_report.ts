import { requireInteger, requireOneOf, requireOptions } from "./arguments.ts";
import type { ReportedParts, ReportRecord, ReportRequest } from "./engine.ts";
import { errorFromRecord, type ErrorRecord, recordFromError } from "./errors.ts";

/** Frames that are walked at most. */
export const MAX_FRAMES = 65_536;

/** Which parts of a {@linkcode ThreadReport} are wanted; the others are not there. */
export interface ReportOptions {
  /** The thread's stack, at most so many frames. */
  readonly frames?: number;
  /** The thread's registers. */
  readonly registers?: boolean;
  /** The modules of its program. */
  readonly modules?: boolean;
  /** The threads of its program, with their names. */
  readonly threads?: boolean;
}

/** What was asked of a thread and its program at once. Each part is what the call of its own gives. */
export interface ThreadReport extends Partial<ReportedParts> {
  /** Why a part that was wanted is not there: what the call of its own would have thrown. */
  readonly failed: { readonly [P in keyof ReportedParts]?: Error };
}

/** The options as plain data. @throws {TypeError | RangeError} */
export function reportRequest(options: ReportOptions): ReportRequest {
  const action = "Cannot report";
  requireOptions(action, options);
  const { frames, ...flags } = options;
  if (frames !== undefined) requireInteger(action, "frames", frames, 1, MAX_FRAMES);
  const { registers = false, modules = false, threads = false } = flags;
  for (const [name, flag] of Object.entries({ registers, modules, threads })) {
    requireOneOf(action, name, flag, [true, false]);
  }
  return { ...(frames === undefined ? {} : { frames }), registers, modules, threads };
}

/** Where each part comes from. */
export interface ReportSources {
  stack(frames: number): ReportedParts["stack"];
  registers(): ReportedParts["registers"];
  modules(): ReportedParts["modules"];
  threads(): ReportedParts["threads"];
}

/** Has the parts made that are wanted, where the program is: one that fails leaves the others. `translate` makes of what was thrown what others know. */
export function makeReport(
  { frames, ...flags }: ReportRequest,
  sources: ReportSources,
  translate: (error: unknown) => unknown = (error) => error,
): ReportRecord {
  const parts: { -readonly [P in keyof ReportedParts]?: ReportedParts[P] } = {};
  const failed: { [P in keyof ReportedParts]?: ErrorRecord } = {};
  const make = <P extends keyof ReportedParts>(name: P, isWanted: boolean, source: () => ReportedParts[P]): void => {
    try {
      if (isWanted) parts[name] = source();
    } catch (error) {
      failed[name] = recordFromError(translate(error));
    }
  };
  make("stack", frames !== undefined, () => sources.stack(frames ?? 0));
  make("registers", flags.registers, () => sources.registers());
  make("modules", flags.modules, () => sources.modules());
  make("threads", flags.threads, () => sources.threads());
  return { ...parts, failed };
}

/** The report as users get it. */
export function reportOf({ failed, ...parts }: ReportRecord): ThreadReport {
  const errors = Object.entries(failed).map(([name, record]) => [name, errorFromRecord(record)]);
  return { ...parts, failed: Object.fromEntries(errors) };
}
