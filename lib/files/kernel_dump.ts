/**
 * Dumps of Windows itself, by their headers (DUMP_HEADER64, DUMP_HEADER32), and small ones by their list of drivers. Microsoft publishes no layout;
 * this one is QEMU's, radare2's and Volatility's, and the engine reads the same out of it.
 * @module
 */
import { bugCheckName } from "./bug_checks.ts";
import { FileError } from "./error.ts";
import { type FileReader, textAt } from "./file_reader.ts";
import { MACHINES } from "./machines.ts";
import type { DumpSystem } from "./minidump.ts";

/** A driver, or a part of the kernel. */
export interface DumpDriver {
  /** Its path, as the dump has it. */
  readonly path: string;
  readonly base: bigint;
  /** In bytes. */
  readonly size: number;
  readonly checksum: number;
  /** Link time. */
  readonly timestamp: number;
}

/** Why Windows ended. */
export interface BugCheck {
  readonly code: number;
  /** `DRIVER_IRQL_NOT_LESS_OR_EQUAL`; undefined for one that is not known. */
  readonly name: string | undefined;
  readonly parameters: readonly bigint[];
}

/** What a dump of Windows says of itself. What it does not say is left out. */
export interface KernelDump {
  /** `small memory dump`. */
  readonly kind: string;
  readonly bugCheck: BugCheck;
  readonly system: DumpSystem;
  readonly writtenAt?: Date;
  /** How long Windows had run, in seconds. */
  readonly upTime?: number;
  readonly comment?: string;
  /** Where its list of drivers can be read. */
  readonly drivers: readonly DumpDriver[];
  /** What of it cannot be read. */
  readonly damage: readonly string[];
}

/** DUMP_HEADER.DumpType, and what newer debuggers write. */
const KINDS: Readonly<Record<number, string>> = {
  ...{ 1: "complete memory dump", 2: "kernel memory dump", 3: "header of a dump alone", 4: "small memory dump" },
  ...{ 5: "active memory dump", 6: "kernel memory dump", 7: "automatic memory dump", 8: "kernel memory dump" },
  ...{ 9: "dump of kernel and user memory", 10: "complete memory dump" },
};
const COMPLETE = 1;
const SMALL = 4;

/** The places of what both kinds of headers have. */
const LAYOUTS = {
  64: {
    ...{ size: 0x2000, machine: 0x30, code: 0x38, parameters: 0x40, width: 8, type: 0xf98, space: 0xfa0 },
    ...{ time: 0xfa8, comment: 0xfb0, upTime: 0x1030 },
  },
  32: {
    ...{ size: 0x1000, machine: 0x20, code: 0x28, parameters: 0x2c, width: 4, type: 0xf88, space: 0xfa0 },
    ...{ time: 0xfc0, comment: 0x820, upTime: 0xfb8 },
  },
} as const;

/** What Windows fills those fields with that nobody sets. */
const UNSET = "PAGE";
const UNSET_WORD = 0x4547415045474150n;

/** Whether a file is one, by its first bytes. */
export function isKernelDump(reader: FileReader): boolean {
  return /^PAGEDU(?:64|MP)$/.test(textAt(reader.readUpTo(0, 8), 0, 8));
}

/**
 * Reads what one says of itself, without an engine.
 * @throws {FileError} kind `unreadable` where not even its header is whole.
 */
export function readKernelDump(reader: FileReader): KernelDump {
  const bits = textAt(reader.read(0, 8), 4, 4) === "DU64" ? 64 : 32;
  const layout = LAYOUTS[bits];
  const header = reader.read(0, layout.size);
  const type = header.getUint32(layout.type, true);
  const code = header.getUint32(layout.code, true);
  const parameters = [0, 1, 2, 3].map((index) => {
    const at = layout.parameters + index * layout.width;
    return bits === 64 ? header.getBigUint64(at, true) : BigInt(header.getUint32(at, true));
  });
  const { drivers, damage } = type === SMALL && bits === 64 ? readDrivers(reader, layout.size) : NO_DRIVERS;
  const space = header.getBigUint64(layout.space, true);
  const isCut = type === COMPLETE && space !== UNSET_WORD && space > BigInt(reader.size);
  return {
    kind: KINDS[type] ?? `dump of kind ${type}`,
    bugCheck: { code, name: bugCheckName(code), parameters },
    system: systemOf(header, layout.machine),
    ...timesOf(header, layout),
    drivers,
    damage: isCut ? [...damage, "memory"] : damage,
  };
}

function systemOf(header: DataView, at: number): DumpSystem {
  const machine = header.getUint32(at, true);
  return {
    name: "Windows",
    version: `build ${header.getUint32(12, true)}`,
    processor: MACHINES[machine] ?? `0x${machine.toString(16)}`,
    processors: header.getUint32(at + 4, true),
  };
}

type Layout = (typeof LAYOUTS)[keyof typeof LAYOUTS];

/** From 1601 to 1970, in milliseconds. */
const EPOCH = 11_644_473_600_000n;

function timesOf(
  header: DataView,
  { time, upTime, comment }: Layout,
): Pick<KernelDump, "writtenAt" | "upTime" | "comment"> {
  const [written, up] = [header.getBigUint64(time, true), header.getBigUint64(upTime, true)];
  const text = textAt(header, comment, 128).split("\0")[0] ?? "";
  const isSet = (ticks: bigint): boolean => ticks !== 0n && ticks !== UNSET_WORD;
  return {
    ...(isSet(written) ? { writtenAt: new Date(Number(written / 10_000n - EPOCH)) } : {}),
    ...(isSet(up) ? { upTime: Number(up / 10_000_000n) } : {}),
    ...(text === "" || text.startsWith(UNSET) ? {} : { comment: text }),
  };
}

interface Drivers {
  readonly drivers: readonly DumpDriver[];
  readonly damage: readonly string[];
}

const NO_DRIVERS: Drivers = { drivers: [], damage: [] };

/** TRIAGE_DUMP64, behind the header: where things lie in the file. */
const TRIAGE = { size: 0x48, valid: 0x08, list: 0x30, count: 0x34 } as const;
const VALID = "TRGD";
/** DUMP_DRIVER_ENTRY64. */
const DRIVER = { size: 0x90, name: 0, base: 0x38, imageSize: 0x48, checksum: 0x80, timestamp: 0x88 } as const;
const MOST_DRIVERS = 10_000;
const MOST_NAME = 0x8000;

function readDrivers(reader: FileReader, at: number): Drivers {
  try {
    const triage = reader.read(at, TRIAGE.size);
    const mark = reader.read(triage.getUint32(TRIAGE.valid, true), 4);
    const count = triage.getUint32(TRIAGE.count, true);
    if (textAt(mark, 0, 4) !== VALID || count > MOST_DRIVERS) throw reader.cut();
    const list = reader.read(triage.getUint32(TRIAGE.list, true), count * DRIVER.size);
    const drivers = Array.from({ length: count }, (_, index) => {
      const entry = new DataView(list.buffer, index * DRIVER.size, DRIVER.size);
      return {
        path: nameAt(reader, entry.getUint32(DRIVER.name, true)),
        base: entry.getBigUint64(DRIVER.base, true),
        size: entry.getUint32(DRIVER.imageSize, true),
        checksum: entry.getUint32(DRIVER.checksum, true),
        timestamp: entry.getUint32(DRIVER.timestamp, true),
      };
    });
    return { drivers, damage: [] };
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return { drivers: [], damage: ["drivers"] };
  }
}

/** A text of the dump: how many characters, then UTF-16. */
function nameAt(reader: FileReader, offset: number): string {
  const count = reader.read(offset, 4).getUint32(0, true);
  if (count > MOST_NAME) throw reader.cut();
  return new TextDecoder("utf-16le").decode(reader.read(offset + 4, 2 * count));
}
