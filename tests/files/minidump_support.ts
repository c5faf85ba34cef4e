/** Writes minidumps: a system, one thread and what it ended by. As others write them, of programs that ran elsewhere. */

/** What is in it. */
export interface MadeDump {
  /** MINIDUMP_SYSTEM_INFO.PlatformId. */
  readonly platform: number;
  /** MINIDUMP_SYSTEM_INFO.ProcessorArchitecture; x64 without. */
  readonly architecture?: number;
  readonly code: number;
  readonly flags: number;
  readonly address: bigint;
  readonly parameters?: readonly bigint[];
}

/** The only thread. */
export const THREAD = 4711;

const HEADER = 32;
const SYSTEM = 56;
const EXCEPTION = 168;
const CONTEXT = 1232;
const CONTEXT_AMD64_FULL = 0x10000b;

/** The bytes of a dump. */
export function makeMinidump(dump: MadeDump): Uint8Array<ArrayBuffer> {
  const { platform, architecture = 9, code, flags, address, parameters = [] } = dump;
  const at = { directory: HEADER, system: 0, threads: 0, exception: 0, context: 0, text: 0, end: 0 };
  at.system = at.directory + 3 * 12;
  at.threads = at.system + SYSTEM;
  at.exception = at.threads + 4 + 48;
  at.context = (at.exception + EXCEPTION + 15) & ~15;
  at.text = at.context + CONTEXT;
  at.end = at.text + 8;
  const view = new DataView(new ArrayBuffer(at.end));
  const words = (offset: number, ...values: readonly number[]): void =>
    values.forEach((value, index) => view.setUint32(offset + 4 * index, value, true));
  words(0, 0x504d444d, 0xa793, 3, at.directory, 0, 1_700_000_000, 0, 0);
  words(at.directory, 7, SYSTEM, at.system, 3, 52, at.threads, 6, EXCEPTION, at.exception);
  view.setUint16(at.system, architecture, true);
  view.setUint8(at.system + 6, 2);
  words(at.system + 8, 6, 1, 0, platform, at.text);
  words(at.threads, 1, THREAD);
  words(at.threads + 4 + 40, CONTEXT, at.context);
  words(at.exception, THREAD, 0, code, flags);
  view.setBigUint64(at.exception + 24, address, true);
  words(at.exception + 32, parameters.length);
  parameters.forEach((value, index) => view.setBigUint64(at.exception + 40 + 8 * index, value, true));
  words(at.exception + 160, CONTEXT, at.context);
  words(at.context + 0x30, CONTEXT_AMD64_FULL);
  return new Uint8Array(view.buffer);
}
