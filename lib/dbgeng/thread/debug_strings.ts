/**
 * Debug strings as Windows tells of them, where Wine does not: the event of a wide one has its length in bytes, and no length begins
 * again at zero behind 64 Ki.
 *
 * The engine has ntdll make the event out of what the kernel reports (`DbgUiConvertStateChangeStructure`), and looks that
 * function up by name. So it is given one of ours, which puts the length right and goes on to Wine's.
 *
 * @module
 */
import { bytes, jumpOver } from "../../com/machine_code.ts";
import { readBytes, writeBytes } from "../../com/memory.ts";
import { makeExecutable, overwrite, PAGE, runsMachineCode, takePagesBehind } from "../../com/pages.ts";
import { isWine, moduleAddress, procedureAddress } from "./windows.ts";

const CONVERT = "DbgUiConvertStateChangeStructure";

const symbols = {
  [CONVERT]: { parameters: ["buffer", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const DBG_PRINTEXCEPTION_C = 0x40010006;
const DBG_PRINTEXCEPTION_WIDE_C = 0x4001000a;
/** `DbgExceptionStateChange`. */
const EXCEPTION = 6;
/** Offsets in `DBGUI_WAIT_STATE_CHANGE`. */
const STATE = { code: 0x18, parameters: 0x30, length: 0x38, size: 0x100 } as const;
/** Where a `DEBUG_EVENT` has the length of a debug string. */
const EVENT = { length: 0x1a, size: 0x100 } as const;
/** The most that an event can tell, in bytes. */
const MOST = 0xffff;

/** Whether a debug string that the engine was told of since the last time was longer than its event can tell. */
export type WasCut = () => boolean;

/**
 * Puts the lengths of debug strings right for an engine that this process is about to load: only under Wine, and only where it has
 * the fault.
 */
export function mendDebugStrings(): WasCut {
  if (!runsMachineCode() || !isWine()) return () => false;
  const current = procedureAddress("ntdll.dll", CONVERT);
  const ours = isOurs(current) ? current : tellsCharacters() ? mend(current) : undefined;
  return ours === undefined ? () => false : () => takeWord(wordOf(ours)) === 1;
}

function takeWord(address: bigint): number | undefined {
  const [word] = readBytes(address, 1);
  writeBytes(address, new Uint8Array(1));
  return word;
}

/** Where our function, which has a page for itself, says whether a string was cut. */
function wordOf(ours: bigint): bigint {
  return ours + BigInt(PAGE);
}

/** Whether another thread of this process was here before. */
function isOurs(address: bigint): boolean {
  const begin = code(wordOf(address), 0n).slice(0, -LEAVE);
  return readBytes(address, begin.length).every((byte, index) => byte === begin[index]);
}

/** Whether the length of a wide text comes as Wine's programs count it. */
function tellsCharacters(): boolean {
  const state = new DataView(new ArrayBuffer(STATE.size));
  state.setUint32(0, EXCEPTION, true);
  state.setUint32(STATE.code, DBG_PRINTEXCEPTION_WIDE_C, true);
  state.setUint32(STATE.parameters, 4, true);
  state.setBigUint64(STATE.length, 12n, true);
  const event = new DataView(new ArrayBuffer(EVENT.size));
  const library = Deno.dlopen("ntdll.dll", symbols);
  library.symbols[CONVERT](new Uint8Array(state.buffer), new Uint8Array(event.buffer));
  return event.getUint16(EVENT.length, true) === 12;
}

/** Has our function found instead of Wine's, and gives its address. */
function mend(original: bigint): bigint | undefined {
  const library = moduleAddress("ntdll.dll");
  const entry = exportEntry(library, original);
  const pages = entry === undefined ? undefined : takePagesBehind(library, 2);
  if (entry === undefined || !pages) return undefined;
  new Uint8Array(pages.memory).set(code(wordOf(pages.address), original));
  makeExecutable(pages.address);
  overwrite(entry, new Uint8Array(Uint32Array.of(Number(pages.address - library)).buffer));
  return pages.address;
}

/** Where a library's export table says where a function is. */
function exportEntry(library: bigint, target: bigint): bigint | undefined {
  const word = (offset: number): number => new Uint32Array(readBytes(library + BigInt(offset), 4).buffer)[0] ?? 0;
  const table = word(word(0x3c) + 0x88); // IMAGE_NT_HEADERS64: the first data directory
  const [count, functions] = [word(table + 0x14), word(table + 0x1c)]; // IMAGE_EXPORT_DIRECTORY
  const offsets = new Uint32Array(readBytes(library + BigInt(functions), 4 * count).buffer);
  const index = offsets.indexOf(Number(target - library));
  return index < 0 ? undefined : library + BigInt(functions + 4 * index);
}

/** Short jumps. */
const [JB, JNE] = [0x72, 0x75];

/** Bytes of the code that goes on to Wine's function. */
const LEAVE = 12;

/** Machine code (64-bit Intel, Windows calling convention) of `(rcx: the state change, rdx: the event)`. */
function code(wasCut: bigint, original: bigint): number[] {
  return [
    ...[0x83, 0x39, EXCEPTION], // cmp dword [rcx], EXCEPTION
    ...jumpOver(JNE, [
      ...[0x83, 0x79, STATE.parameters, 2], // cmp dword [rcx + parameters], 2
      ...jumpOver(JB, [...fit(DBG_PRINTEXCEPTION_C, wasCut), ...fit(DBG_PRINTEXCEPTION_WIDE_C, wasCut)]),
    ]),
    ...[0x48, 0xb8, ...bytes(original, 8)], // mov rax, original
    ...[0xff, 0xe0], // jmp rax
  ];
}

/** Has the length of one sort of debug strings fit into the event. */
function fit(sort: number, wasCut: bigint): number[] {
  const isWide = sort === DBG_PRINTEXCEPTION_WIDE_C;
  const most = isWide ? MOST - 1 : MOST; // whole characters
  const whole = isWide ? most : MOST + 1; // without its zero a narrow one is as whole
  return [
    ...[0x81, 0x79, STATE.code, ...bytes(sort, 4)], // cmp dword [rcx + code], sort
    ...jumpOver(JNE, [
      ...[0x48, 0x8b, 0x41, STATE.length], // mov rax, [rcx + length]
      ...(isWide ? [0x48, 0x01, 0xc0] : []), // add rax, rax: in bytes
      ...[0x49, 0xb8, ...bytes(wasCut, 8)], // mov r8, wasCut
      ...[0x48, 0x3d, ...bytes(whole, 4)], // cmp rax, whole
      ...[0x41, 0x0f, 0x97, 0x00], // seta [r8]
      ...[0x41, 0xb8, ...bytes(most, 4)], // mov r8d, most
      ...[0x4c, 0x39, 0xc0], // cmp rax, r8
      ...[0x49, 0x0f, 0x47, 0xc0], // cmova rax, r8
      ...[0x48, 0x89, 0x41, STATE.length], // mov [rcx + length], rax
    ]),
  ];
}
