/** What `latch dump show` prints of a dump of Windows itself. */
import type { DumpReport } from "../../dbgeng/dump.ts";
import { bugCheckName } from "../../files/bug_checks.ts";
import type { DumpDriver, KernelDump } from "../../files/kernel_dump.ts";
import type { ModuleInfo } from "../../session/engine.ts";
import { frameText } from "../event_text.ts";
import type { Output } from "../output.ts";
import { address, clean, fileName, kilobytes, table } from "../text.ts";
import { systemText, timeText } from "./dump_show.ts";

/** What the file says, and what the engine finds; the file is not seen where it lies in a cabinet or an archive. */
export interface ShownKernel {
  readonly file: KernelDump | undefined;
  readonly report: DumpReport | undefined;
}

/** One JSON object for the bug check, the stack and each driver. */
export function printKernelRecords(shown: ShownKernel, output: Output): void {
  const { kind, writtenAt, upTime, system, comment, damage = [] } = shown.file ?? {};
  const { code, name, parameters } = bugCheckOf(shown);
  output.record({
    ...{ type: "bugCheck", code, name: name ?? null, parameters, kind, writtenAt, upTime, system, comment },
    ...(damage.length > 0 ? { damage } : {}),
  });
  output.record({ type: "stack", stack: shown.report?.kernel?.stack ?? [] });
  for (const driver of driversOf(shown)) output.record({ type: "module", ...driver });
}

/** The same for people. */
export function printKernel(shown: ShownKernel, output: Output): void {
  const { file, report } = shown;
  const say = (title: string, text: string): void => output.line(`${title.padEnd(9)}  ${clean(text)}`);
  const drivers = driversOf(shown);
  const { code, name, parameters } = bugCheckOf(shown);
  const check = `0x${code.toString(16).toUpperCase().padStart(8, "0")}`;
  output.line(`Windows itself${file ? `, ${file.kind}` : ""}`);
  output.line(output.paint("red", "bug check") + `  ${name === undefined ? check : `${name} (${check})`}`);
  say("arguments", parameters.map((value) => `0x${value.toString(16)}${placeIn(drivers, value)}`).join(", "));
  if (file?.writtenAt) say("written", writtenText(file.writtenAt, file.upTime));
  if (file) say("system", systemText(file.system));
  if (file?.comment) say("comment", file.comment);
  if (file && file.damage.length > 0) say("damage", `cannot be read: ${file.damage.join(", ")}`);
  const stack = report?.kernel?.stack ?? [];
  if (stack.length > 0) output.line(output.paint("bold", "stack"));
  for (const frame of stack) output.line(`  ${frameText(frame)}`);
  if (drivers.length === 0) return;
  const rows = drivers.map(({ base, size, imageName }) => [address(base), kilobytes(size), imageName] as const);
  const columns = [{ title: "BASE" }, { title: "SIZE", align: "right" }, { title: "DRIVER" }] as const;
  for (const line of table(columns, rows, output.width)) output.line(line);
}

function bugCheckOf({ file, report }: ShownKernel): KernelDump["bugCheck"] {
  if (file) return file.bugCheck;
  const { code = 0, parameters = [] } = report?.kernel ?? {};
  return { code, name: bugCheckName(code), parameters };
}

type Driver = Pick<ModuleInfo, "imageName" | "base" | "size" | "checksum" | "timestamp">;

/** The engine's, or else those that the file lists. */
function driversOf({ file, report }: ShownKernel): readonly Driver[] {
  if (report && report.modules.length > 0) return report.modules;
  return (file?.drivers ?? []).map(({ path, ...driver }: DumpDriver) => ({ imageName: path, ...driver }));
}

/** In which driver an argument lies, if in one: most are addresses, and often of the guilty one. */
function placeIn(drivers: readonly Driver[], value: bigint): string {
  const found = drivers.find(({ base, size }) => value >= base && value < base + BigInt(size));
  return found ? ` (${fileName(found.imageName)}+0x${(value - found.base).toString(16)})` : "";
}

function writtenText(writtenAt: Date, upTime: number | undefined): string {
  return timeText(writtenAt) + (upTime === undefined ? "" : `, ${upTime} s after Windows began`);
}
