/** What `latch dump show` prints: what the file says of itself, and what the engine finds in it. */
import type { DumpReport } from "../../dbgeng/dump.ts";
import { exceptionName } from "../../dbgeng/exception_names.ts";
import { foreignException } from "../../files/foreign_exceptions.ts";
import type { DumpModule, DumpSystem, Minidump } from "../../files/minidump.ts";
import { blindModules, blindText } from "../blind_stacks.ts";
import { exceptionText, frameText, threadText } from "../event_text.ts";
import { userPath } from "../open.ts";
import type { Output } from "../output.ts";
import { address, clean, kilobytes, table } from "../text.ts";

/** Both; either may be missing, where the file is no minidump or the engine cannot open it. */
export interface Shown {
  readonly file: Minidump | undefined;
  readonly report: DumpReport | undefined;
}

const ACCESS_VIOLATION = 0xc0000005;
/** What an access violation wanted, by its first parameter. */
const ACCESS: Readonly<Record<string, string>> = { 0: "reading from", 1: "writing to", 8: "executing" };

/** One JSON object for the process, the exception, each thread and each module. */
export function printRecords({ file, report }: Shown, output: Output): void {
  const { writtenAt, startedAt, comment, system, damage = [] } = file ?? {};
  const blind = report ? blindModules(report) : [];
  output.record({
    type: "process",
    processId: report?.processId ?? file?.processId,
    program: programOf({ file, report }),
    ...{ writtenAt, startedAt, system, comment },
    ...(damage.length > 0 ? { damage } : {}),
    ...(blind.length > 0 ? { blind } : {}),
  });
  const exception = exceptionOf({ file, report });
  if (exception) {
    const { isPlace: _place, ...told } = exception;
    output.record({ type: "exception", ...told });
  }
  for (const { threadId, name: threadName = null, stack } of report?.threads ?? []) {
    output.record({ type: "stack", threadId, threadName, stack });
  }
  for (const module of modulesOf({ file, report })) output.record({ type: "module", ...module });
}

/** The same for people. */
export function printReport(shown: Shown, output: Output): void {
  const { file, report } = shown;
  const say = (title: string, text: string): void => output.line(`${title.padEnd(9)}  ${clean(text)}`);
  const program = programOf(shown) ?? "a program that it does not name";
  output.line(`${clean(pathText(program))}, process ${report?.processId ?? file?.processId ?? "unknown"}`);
  if (file?.writtenAt) say("written", writtenText(file.writtenAt, file.startedAt));
  if (file?.system) say("system", systemText(file.system));
  if (file?.comment) say("comment", file.comment);
  const exception = exceptionOf(shown);
  if (exception) {
    output.line(output.paint("red", "exception") + `  ${clean(raisedText(exception))}`);
  }
  const blind = report ? blindModules(report) : [];
  if (blind.length > 0) say("stacks", blindText(blind));
  if (file && file.damage.length > 0) say("damage", `cannot be read: ${file.damage.join(", ")}`);
  for (const { stack, ...thread } of report?.threads ?? []) {
    output.line(output.paint("bold", threadText(thread)));
    for (const frame of stack) output.line(`  ${frameText(frame)}`);
  }
  const rows = modulesOf(shown).map(({ base, size, version, imageName }) =>
    [address(base), kilobytes(size), version ?? "", pathText(imageName)] as const
  );
  const columns = [{ title: "BASE" }, { title: "SIZE", align: "right" }, { title: "VERSION" }, {
    title: "MODULE",
  }] as const;
  for (const line of table(columns, rows, output.width)) output.line(line);
}

/** Its program: the first module. The engine reads on where a name has no end, as in dumps of macOS. */
function programOf({ file, report }: Shown): string | undefined {
  return file?.modules[0]?.path || report?.program;
}

/** A file of this machine as its user writes it. The dump may be another's, whose drive Z is its own: what is not here stays. */
function pathText(path: string): string {
  const here = userPath(path, {});
  try {
    return here === path || Deno.lstatSync(here) ? here : path;
  } catch {
    return path;
  }
}

interface ShownException {
  readonly threadId: number;
  /** Whether that thread is in the dump. */
  readonly isThere: boolean;
  readonly code: number;
  readonly name: string;
  /** What it says of itself, such as the type of a C++ exception. */
  readonly details?: string;
  readonly address: bigint;
  readonly flags: number;
  readonly parameters: readonly bigint[];
  /** What an access violation wanted. */
  readonly wanted?: string;
  /** Whether the address is that of the instruction. */
  readonly isPlace: boolean;
}

function raisedText({ wanted, threadId, isThere, isPlace, address: where, ...exception }: ShownException): string {
  const thread = `thread ${threadId}${isThere ? "" : " (which is not in the dump)"}`;
  const place = isPlace ? [`at ${address(where)}`] : [];
  return [exceptionText(exception), ...(wanted === undefined ? [] : [wanted]), thread, ...place].join(", ");
}

/** Nothing is said of its chance, which no dump tells. */
function exceptionOf({ file, report }: Shown): ShownException | undefined {
  const found = report ? report.exception : file?.exception;
  if (!found) return undefined;
  const { code, address, flags, parameters } = found;
  const threadId = file?.exception?.threadId ?? found.threadId;
  const threads = report?.threads.map((thread) => thread.threadId) ?? file?.threadIds ?? [];
  const raised = { threadId, isThere: threads.includes(threadId), code, address, flags, parameters };
  const foreign = file?.system && foreignException(file.system, { threadId, code, address, flags, parameters });
  if (foreign) {
    const wanted = foreign.address === "access" ? `accessing 0x${address.toString(16)}` : undefined;
    const { name, details } = foreign;
    return { ...raised, name, ...withoutUndefined({ details, wanted }), isPlace: foreign.address === "instruction" };
  }
  const [access, where] = parameters;
  const wanted = code === ACCESS_VIOLATION && where !== undefined
    ? `${ACCESS[String(access)] ?? "accessing"} 0x${where.toString(16)}`
    : undefined;
  const told = withoutUndefined({ details: report?.exception?.details, wanted });
  return { ...raised, name: report?.exception?.name ?? exceptionName(code), ...told, isPlace: true };
}

type ShownModule = Pick<DumpModule, "base" | "size" | "version" | "symbols"> & { readonly imageName: string };

/** The engine's, with what the dump says of each. */
function modulesOf({ file, report }: Shown): readonly ShownModule[] {
  const said = new Map(file?.modules.map((module) => [module.base, module]));
  if (!report) return file?.modules.map(({ path, ...module }) => ({ ...module, imageName: path })) ?? [];
  return report.modules.map((module) => {
    const { path, version, symbols, id } = said.get(module.base) ?? {};
    return { ...module, ...withoutUndefined({ imageName: path || undefined, version, symbols, id }) };
  });
}

function withoutUndefined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as ReturnType<
    typeof withoutUndefined<T>
  >;
}

function writtenText(writtenAt: Date, startedAt: Date | undefined): string {
  if (!startedAt) return timeText(writtenAt);
  return `${timeText(writtenAt)}, ${
    Math.round((writtenAt.getTime() - startedAt.getTime()) / 1000)
  } s after the process began`;
}

/** A point in time for people. */
export function timeText(time: Date): string {
  return time.toISOString().replace("T", " ").replace(/\.\d+Z$/, " UTC");
}

/** A system for people. */
export function systemText({ name, version, detail, processor, processors }: DumpSystem): string {
  return [`${name} ${version}`, ...(detail === undefined ? [] : [detail]), `${processor}, ${processors} processors`]
    .join(", ");
}
