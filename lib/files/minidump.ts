/** Minidumps: https://learn.microsoft.com/windows/win32/api/minidumpapiset/ns-minidumpapiset-minidump_header */
import { moduleId, type SymbolsName, symbolsOf } from "./code_view.ts";
import { FileError } from "./error.ts";
import { FileReader, textAt } from "./file_reader.ts";

/** A module of a dump. */
export interface DumpModule {
  /** Its path, as the dump has it. */
  readonly path: string;
  /** Where it lay. */
  readonly base: bigint;
  /** In bytes. */
  readonly size: number;
  /** Its id for symbol servers. */
  readonly id: string;
  /** Version of the file, where it has one: `10.0.19041.1`. */
  readonly version?: string;
  /** Its symbols, where the dump names them. */
  readonly symbols?: SymbolsName;
}

/** What a dump was written for. */
export interface DumpException {
  readonly threadId: number;
  readonly code: number;
  readonly flags: number;
  readonly address: bigint;
  readonly parameters: readonly bigint[];
}

/** The system that a dump was written on. */
export interface DumpSystem {
  /** `Windows`, `Linux`, `macOS` …; `0x…` for one that is not known. */
  readonly name: string;
  /** `10.0.19043`. */
  readonly version: string;
  /** Service pack, or what the system says of itself. */
  readonly detail?: string;
  /** `x86`, `x64`, `arm`, `arm64`; `0x…` for one that is not known. */
  readonly processor: string;
  readonly processors: number;
}

/** What a minidump says of itself. What it does not say is left out. */
export interface Minidump {
  /** When it was written. */
  readonly writtenAt?: Date;
  readonly comment?: string;
  readonly system?: DumpSystem;
  readonly processId?: number;
  /** When the process began. */
  readonly startedAt?: Date;
  readonly exception?: DumpException;
  /** Ids of its threads. */
  readonly threadIds: readonly number[];
  readonly modules: readonly DumpModule[];
  /** What of it cannot be read. */
  readonly damage: readonly string[];
}

const HEADER = 32;
const DIRECTORY_ENTRY = 12;
const MOST_STREAMS = 10_000;
const MOST_TEXT = 0x10000;
/** More no process has: a count beyond it is damage. */
const MOST_ENTRIES = 1_000_000;

const MODULE = 108;
const THREAD = 48;
const MOST_PARAMETERS = 15;
const HAS_VERSION = 0xfeef04bd;
const HAS_PROCESS_ID = 1;
const HAS_TIMES = 2;

/** MINIDUMP_SYSTEM_INFO.ProcessorArchitecture. */
const PROCESSORS: Readonly<Record<number, string>> = {
  0: "x86",
  5: "arm",
  6: "ia64",
  9: "x64",
  12: "arm64",
  0x8003: "arm64",
};
/** MINIDUMP_SYSTEM_INFO.PlatformId, and what Breakpad adds to it. */
const SYSTEMS: Readonly<Record<number, string>> = {
  ...{ 1: "Windows", 2: "Windows", 3: "Windows CE", 0x8000: "Unix", 0x8101: "macOS", 0x8102: "iOS", 0x8201: "Linux" },
  ...{ 0x8202: "Solaris", 0x8203: "Android", 0x8204: "PlayStation 3", 0x8205: "Native Client", 0x8206: "Fuchsia" },
};

type Parts = { -readonly [K in keyof Minidump]?: Minidump[K] };

/** What is made of each stream, by its number in MINIDUMP_STREAM_TYPE. */
const STREAMS: Readonly<Record<number, { name: string; read(reader: FileReader, stream: Stream): Parts }>> = {
  3: { name: "threads", read: (reader, { offset }) => ({ threadIds: threadIds(reader, offset) }) },
  4: { name: "modules", read: (reader, { offset }) => ({ modules: modules(reader, offset) }) },
  5: { name: "memory", read: (reader, { offset }) => checkMemory(reader, offset) },
  6: { name: "the exception", read: (reader, { offset }) => ({ exception: exception(reader, offset) }) },
  7: { name: "the system", read: (reader, { offset }) => ({ system: system(reader, offset) }) },
  9: { name: "memory", read: (reader, { offset }) => checkAllMemory(reader, offset) },
  10: { name: "the comment", read: (reader, stream) => ({ comment: comment(reader, stream, "windows-1252", 1) }) },
  11: { name: "the comment", read: (reader, stream) => ({ comment: comment(reader, stream, "utf-16le", 2) }) },
  15: { name: "the process", read: process },
};

interface Stream {
  readonly size: number;
  readonly offset: number;
}

/** Whether a file is a minidump, by its first bytes. */
export function isMinidump(reader: FileReader): boolean {
  return textAt(reader.readUpTo(0, 4), 0, 4) === "MDMP";
}

/**
 * Reads what a minidump says of itself, without an engine. Of one that is cut off or damaged it gives what can be read.
 * @throws {FileError} kind `unreadable` where not even its directory can be read.
 */
export function readMinidump(reader: FileReader): Minidump {
  const header = reader.read(0, HEADER);
  const count = header.getUint32(8, true);
  if (count > MOST_STREAMS) throw reader.cut();
  const directory = reader.read(header.getUint32(12, true), count * DIRECTORY_ENTRY);
  const parts: Parts = {};
  const written = header.getUint32(20, true);
  if (written !== 0) parts.writtenAt = new Date(written * 1000);
  const damage: string[] = [];
  for (let entry = 0; entry < directory.byteLength; entry += DIRECTORY_ENTRY) {
    const stream = STREAMS[directory.getUint32(entry, true)];
    if (!stream) continue;
    const place = { size: directory.getUint32(entry + 4, true), offset: directory.getUint32(entry + 8, true) };
    try {
      Object.assign(parts, stream.read(reader, place));
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      damage.push(stream.name);
    }
  }
  return { threadIds: [], modules: [], ...parts, damage };
}

/** A count and so many entries. */
function entries(reader: FileReader, offset: number, size: number): DataView[] {
  const count = reader.read(offset, 4).getUint32(0, true);
  if (count > MOST_ENTRIES) throw reader.cut();
  const { buffer } = reader.read(offset + 4, count * size);
  return Array.from({ length: count }, (_, index) => new DataView(buffer, index * size, size));
}

function threadIds(reader: FileReader, offset: number): number[] {
  return entries(reader, offset, THREAD).map((entry) => entry.getUint32(0, true));
}

function modules(reader: FileReader, offset: number): DumpModule[] {
  return entries(reader, offset, MODULE).map((entry) => {
    const path = textOf(reader, entry.getUint32(20, true));
    const size = entry.getUint32(8, true);
    const record = { size: entry.getUint32(76, true), offset: entry.getUint32(80, true) };
    // A dump says "RSDS" for portable PDBs, too, whose age is always 1; who wrote it knows no better.
    const symbols = record.size > 0
      ? symbolsOf(reader.read(record.offset, Math.min(MOST_TEXT, record.size)))
      : undefined;
    const version = entry.getUint32(24, true) === HAS_VERSION ? versionAt(entry, 32) : undefined;
    return {
      path,
      base: entry.getBigUint64(0, true),
      size,
      id: moduleId(entry.getUint32(16, true), size),
      ...(version === undefined ? {} : { version }),
      ...(symbols ? { symbols } : {}),
    };
  });
}

/** The pieces of memory lie anywhere in the file, most of them behind all else. */
function checkMemory(reader: FileReader, offset: number): Parts {
  for (const entry of entries(reader, offset, 16)) {
    if (entry.getUint32(8, true) + entry.getUint32(12, true) > reader.size) throw reader.cut();
  }
  return {};
}

/** All of it lies in one piece at the end of the file. */
function checkAllMemory(reader: FileReader, offset: number): Parts {
  const header = reader.read(offset, 16);
  const count = Number(header.getBigUint64(0, true));
  if (count > MOST_ENTRIES) throw reader.cut();
  const list = reader.read(offset + 16, count * 16);
  let end = header.getBigUint64(8, true);
  for (let entry = 8; entry < list.byteLength; entry += 16) end += list.getBigUint64(entry, true);
  if (end > reader.size) throw reader.cut();
  return {};
}

/** Two 32-bit words, each of two numbers, the higher one first. */
function versionAt(entry: DataView, offset: number): string {
  return [offset + 2, offset, offset + 6, offset + 4].map((at) => entry.getUint16(at, true)).join(".");
}

function exception(reader: FileReader, offset: number): DumpException {
  const stream = reader.read(offset, 40 + MOST_PARAMETERS * 8);
  const count = Math.min(MOST_PARAMETERS, stream.getUint32(32, true));
  return {
    threadId: stream.getUint32(0, true),
    code: stream.getUint32(8, true),
    flags: stream.getUint32(12, true),
    address: stream.getBigUint64(24, true),
    parameters: Array.from({ length: count }, (_, index) => stream.getBigUint64(40 + index * 8, true)),
  };
}

function system(reader: FileReader, offset: number): DumpSystem {
  const stream = reader.read(offset, 32);
  const detail = stream.getUint32(24, true) === 0 ? "" : textOf(reader, stream.getUint32(24, true)).trim();
  return {
    ...systemNames(stream),
    version: [8, 12, 16].map((at) => stream.getUint32(at, true)).join("."),
    ...(detail === "" ? {} : { detail }),
    processors: stream.getUint8(6),
  };
}

/** What a MINIDUMP_SYSTEM_INFO is about. */
export function systemNames(stream: DataView): Pick<DumpSystem, "name" | "processor"> {
  const [architecture, platform] = [stream.getUint16(0, true), stream.getUint32(20, true)];
  return {
    name: SYSTEMS[platform] ?? `0x${platform.toString(16)}`,
    processor: PROCESSORS[architecture] ?? `0x${architecture.toString(16)}`,
  };
}

function process(reader: FileReader, { size, offset }: Stream): Parts {
  const stream = reader.read(offset, Math.min(size, 24));
  const flags = stream.getUint32(4, true);
  return {
    ...(flags & HAS_PROCESS_ID ? { processId: stream.getUint32(8, true) } : {}),
    ...(flags & HAS_TIMES ? { startedAt: new Date(stream.getUint32(12, true) * 1000) } : {}),
  };
}

function comment(reader: FileReader, { size, offset }: Stream, encoding: string, width: number): string {
  const bytes = reader.read(offset, Math.min(MOST_TEXT, size) & ~(width - 1));
  return new TextDecoder(encoding).decode(bytes).split("\0")[0] ?? "";
}

/** A text of the dump: its length in bytes, then UTF-16. */
function textOf(reader: FileReader, offset: number): string {
  const length = Math.min(MOST_TEXT, reader.read(offset, 4).getUint32(0, true));
  return new TextDecoder("utf-16le").decode(reader.read(offset + 4, length));
}
