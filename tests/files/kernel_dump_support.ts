/**
 * Writes dumps of Windows itself, as far as their headers go, with the list of drivers that small ones have. The layout is what others have
 * published, field by field with its size, so that places come from sums and not from the reader under test: QEMU's win_dump_defs.h and radare2's
 * dmp_specs.h (64 bits), Volatility's crash_vtypes (32 bits).
 */

type Field = readonly [name: string, size: number];

const HEADER64: readonly Field[] = [
  ...[["Signature", 4], ["ValidDump", 4], ["MajorVersion", 4], ["MinorVersion", 4]] as const,
  ...[["DirectoryTableBase", 8], ["PfnDatabase", 8], ["PsLoadedModuleList", 8], ["PsActiveProcessHead", 8]] as const,
  ...[["MachineImageType", 4], ["NumberProcessors", 4], ["BugCheckCode", 4], ["unused0", 4]] as const,
  ...[["Parameter1", 8], ["Parameter2", 8], ["Parameter3", 8], ["Parameter4", 8], ["VersionUser", 32]] as const,
  ...[["KdDebuggerDataBlock", 8], ["PhysicalMemoryBlock", 704], ["Context", 3000]] as const,
  ...[["ExceptionCode", 4], ["ExceptionFlags", 4], ["ExceptionRecord", 8], ["ExceptionAddress", 8]] as const,
  ...[["NumberParameters", 4], ["unused2", 4], ["ExceptionInformation", 120]] as const,
  ...[["DumpType", 4], ["unused1", 4], ["RequiredDumpSpace", 8], ["SystemTime", 8], ["Comment", 128]] as const,
  ...[["SystemUpTime", 8], ["MiniDumpFields", 4], ["SecondaryDataState", 4], ["ProductType", 4]] as const,
  ...[["SuiteMask", 4], ["WriterStatus", 4], ["unused3", 1], ["KdSecondaryVersion", 1], ["reserved", 4018]] as const,
];

const HEADER32: readonly Field[] = [
  ...[["Signature", 4], ["ValidDump", 4], ["MajorVersion", 4], ["MinorVersion", 4]] as const,
  ...[["DirectoryTableBase", 4], ["PfnDatabase", 4], ["PsLoadedModuleList", 4], ["PsActiveProcessHead", 4]] as const,
  ...[["MachineImageType", 4], ["NumberProcessors", 4], ["BugCheckCode", 4]] as const,
  ...[["Parameter1", 4], ["Parameter2", 4], ["Parameter3", 4], ["Parameter4", 4], ["VersionUser", 32]] as const,
  ...[["PaeEnabled", 1], ["KdSecondaryVersion", 1], ["unused", 2], ["KdDebuggerDataBlock", 4]] as const,
  ...[["PhysicalMemoryBlock", 700], ["Context", 1200], ["Exception", 80], ["Comment", 128]] as const,
  ...[["reserved0", 1768], ["DumpType", 4], ["MiniDumpFields", 4], ["SecondaryDataState", 4], [
    "ProductType",
    4,
  ]] as const,
  ...[["SuiteMask", 4], ["WriterStatus", 4], ["RequiredDumpSpace", 8], ["reserved2", 16], ["SystemUpTime", 8]] as const,
  ...[["SystemTime", 8], ["reserved3", 56]] as const,
];

/** The header of a small dump's own part, behind the other: all of four bytes. Measured and published for Windows 11's. */
const TRIAGE = [
  ...["ServicePackBuild", "SizeOfDump", "ValidOffset", "ContextOffset", "ExceptionOffset", "MmOffset"],
  ...["UnloadedDriversOffset", "PrcbOffset", "ProcessOffset", "ThreadOffset", "CallStackOffset", "SizeOfCallStack"],
  ...["DriverListOffset", "DriverCount", "StringPoolOffset", "StringPoolSize", "BrokenDriverOffset", "TriageOptions"],
];
const DRIVER = { size: 0x90, base: 0x38, imageSize: 0x48, checksum: 0x80, timestamp: 0x88 } as const;
/** Parts that the engine asks for before it opens one: their places and sizes are free. */
const PARTS = {
  MmOffset: 0x4000,
  PrcbOffset: 0x5000,
  ProcessOffset: 0x9000,
  ThreadOffset: 0xa000,
  CallStackOffset: 0xb000,
};
const STACK = { size: 0x1000, top: 0x48, address: 0xfffff80000001000n } as const;
/** TRIAGE_DUMP_CONTEXT and all others up to the list of drivers. */
const ALL_PARTS = 0x7f;
const SMALL_SIZE = 0x20000;
const CONTEXT = { size: 1232, flags: 0x30, rsp: 0x98, rip: 0xf8 } as const;

/** Where it ended, in the first driver. */
export const INSTRUCTION = 0x1000n;

/** A driver in it. */
export interface MadeDriver {
  readonly name: string;
  readonly base: bigint;
  readonly size: number;
  readonly checksum: number;
  readonly timestamp: number;
}

/** What is in one. */
export interface MadeKernelDump {
  readonly bits?: 32 | 64;
  readonly type: number;
  readonly machine?: number;
  readonly code: number;
  readonly parameters: readonly [bigint, bigint, bigint, bigint];
  /** In units of 100 ns since 1601. */
  readonly time?: bigint;
  readonly upTime?: bigint;
  readonly comment?: string;
  /** How long the file says that it is. */
  readonly space?: number;
  readonly drivers?: readonly MadeDriver[];
}

/** Its bytes. What nobody has set is full of the word PAGE, as Windows has it. */
export function makeKernelDump(dump: MadeKernelDump): Uint8Array<ArrayBuffer> {
  const { bits = 64, drivers } = dump;
  const fields = bits === 64 ? HEADER64 : HEADER32;
  const headerSize = fields.reduce((sum, [, size]) => sum + size, 0);
  const bytes = new Uint8Array(drivers ? SMALL_SIZE : headerSize);
  for (let at = 0; at < headerSize; at++) bytes[at] = "PAGE".charCodeAt(at % 4);
  const view = new DataView(bytes.buffer);
  const set = (name: string, value: bigint | number | string): void => {
    const index = fields.findIndex(([field]) => field === name);
    const at = fields.slice(0, index).reduce((sum, [, size]) => sum + size, 0);
    const size = fields[index]?.[1] ?? 0;
    if (typeof value === "string") bytes.fill(0, at, at + size).set(new TextEncoder().encode(value), at);
    else if (size === 8) view.setBigUint64(at, BigInt(value), true);
    else view.setUint32(at, Number(value), true);
  };
  set("Signature", "PAGE");
  set("ValidDump", bits === 64 ? "DU64" : "DUMP");
  set("MajorVersion", 15);
  set("MinorVersion", 22621);
  set("MachineImageType", dump.machine ?? (bits === 64 ? 0x8664 : 0x14c));
  set("NumberProcessors", 4);
  set("BugCheckCode", dump.code);
  dump.parameters.forEach((value, index) => set(`Parameter${index + 1}`, value));
  set("DumpType", dump.type);
  set("RequiredDumpSpace", dump.space ?? bytes.length);
  if (drivers) set("MiniDumpFields", ALL_PARTS);
  if (dump.time !== undefined) set("SystemTime", dump.time);
  if (dump.upTime !== undefined) set("SystemUpTime", dump.upTime);
  if (dump.comment !== undefined) set("Comment", dump.comment);
  if (drivers) putTriage(view, headerSize, drivers, fields);
  return bytes;
}

function putTriage(view: DataView, at: number, drivers: readonly MadeDriver[], fields: readonly Field[]): void {
  const context = at + 0x100;
  const exception = context + CONTEXT.size;
  const list = exception + 0xa0;
  const pool = list + drivers.length * DRIVER.size;
  const end = view.byteLength - 4;
  const values: Readonly<Record<string, number>> = {
    ...PARTS,
    SizeOfCallStack: STACK.size,
    SizeOfDump: view.byteLength,
    ValidOffset: end,
    ContextOffset: context,
    ExceptionOffset: exception,
    DriverListOffset: list,
    DriverCount: drivers.length,
    StringPoolOffset: pool,
    StringPoolSize: end - pool,
  };
  TRIAGE.forEach((name, index) => view.setUint32(at + 4 * index, values[name] ?? 0, true));
  view.setUint32(end, 0x44475254, true); // TRGD
  const placeOf = (name: string): number => {
    const index = fields.findIndex(([field]) => field === name);
    return fields.slice(0, index).reduce((sum, [, size]) => sum + size, 0);
  };
  const address = (drivers[0]?.base ?? 0n) + INSTRUCTION;
  for (const place of [placeOf("ExceptionCode"), exception]) {
    new Uint8Array(view.buffer, place, 0x98).fill(0);
    view.setUint32(place, 0x80000003, true);
    view.setBigUint64(place + 16, address, true);
  }
  for (const place of [placeOf("Context"), context]) {
    new Uint8Array(view.buffer, place, CONTEXT.size).fill(0);
    view.setUint32(place + CONTEXT.flags, 0x10001f, true);
    view.setBigUint64(place + CONTEXT.rip, address, true);
    view.setBigUint64(place + CONTEXT.rsp, STACK.address, true);
  }
  view.setBigUint64(at + STACK.top, STACK.address, true);
  let text = pool;
  drivers.forEach((driver, index) => {
    const entry = list + index * DRIVER.size;
    view.setUint32(entry, text, true);
    view.setBigUint64(entry + DRIVER.base, driver.base, true);
    view.setUint32(entry + DRIVER.imageSize, driver.size, true);
    view.setUint32(entry + DRIVER.checksum, driver.checksum, true);
    view.setUint32(entry + DRIVER.timestamp, driver.timestamp, true);
    view.setUint32(text, driver.name.length, true);
    for (let sign = 0; sign < driver.name.length; sign++) {
      view.setUint16(text + 4 + 2 * sign, driver.name.charCodeAt(sign), true);
    }
    text += (4 + 2 * (driver.name.length + 1) + 7) & ~7;
  });
}

/** When the dumps of the tests were written. */
export const WRITTEN_AT = new Date(Date.UTC(2024, 0, 2, 3, 4, 5));

const SECOND = 10_000_000n;
const FROM_1601 = 11_644_473_600n;

/** The drivers in {@linkcode SMALL_DUMP}. */
export const DRIVERS: readonly MadeDriver[] = [
  ...[{ name: "\\SystemRoot\\system32\\ntoskrnl.exe", base: 0xfffff80310000000n, size: 0x1046000 }]
    .map((driver) => ({ ...driver, checksum: 0xb1d2e3, timestamp: 0x5f5e1000 })),
  ...[{ name: "\\SystemRoot\\System32\\drivers\\faulty.sys", base: 0xfffff80320000000n, size: 0x9000 }]
    .map((driver) => ({ ...driver, checksum: 0x1234, timestamp: 0x60000000 })),
];

/** A small dump as Windows writes it for a blue screen. */
export const SMALL_DUMP: MadeKernelDump = {
  type: 4,
  code: 0xd1,
  parameters: [0x10n, 2n, 1n, 0xfffff80320001234n],
  time: (BigInt(WRITTEN_AT.getTime()) / 1000n + FROM_1601) * SECOND,
  upTime: 3661n * SECOND,
  comment: "as made",
  drivers: DRIVERS,
};
