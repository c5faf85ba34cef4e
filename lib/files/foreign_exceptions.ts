/**
 * What programs of other systems end by, as the dumps of Breakpad and Crashpad have it: on Linux a signal (siginfo.h: the code is its number, the
 * flags are `si_code`), on macOS a Mach exception (mach/exception_types.h, mach/ARCHITECTURE/exception.h: the flags are its code).
 * @module
 */
import type { DumpException, DumpSystem } from "./minidump.ts";

/** How it is told. */
export interface ForeignException {
  /** `SIGSEGV`, `EXC_BAD_ACCESS`. */
  readonly name: string;
  /** Which kind of it: `SEGV_MAPERR`, `KERN_INVALID_ADDRESS`. */
  readonly details?: string;
  /** What the address is: of the instruction, of what it wanted to access, or nothing. */
  readonly address: "instruction" | "access" | "none";
}

/** An exception of another system than Windows by name; undefined for Windows' own. */
export function foreignException(
  system: Pick<DumpSystem, "name" | "processor">,
  exception: DumpException,
): ForeignException | undefined {
  if (system.name.startsWith("Windows")) return undefined;
  if (system.name === "Linux" || system.name === "Android") return signal(exception);
  if (system.name === "macOS" || system.name === "iOS") return mach(exception, system.processor);
  return { name: hex(exception.code), ...detailsOf(exception.flags, undefined), address: "instruction" };
}

/** From 1 on. */
const SIGNALS: readonly string[] = [
  ...["HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM"],
  ...["TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF"],
  ...["WINCH", "IO", "PWR", "SYS"],
];

/** What the processor or the kernel says of some signals, from 1 on. */
const SIGNAL_CODES: Readonly<Record<string, readonly string[]>> = {
  ILL: ["ILLOPC", "ILLOPN", "ILLADR", "ILLTRP", "PRVOPC", "PRVREG", "COPROC", "BADSTK", "BADIADDR"],
  FPE: ["INTDIV", "INTOVF", "FLTDIV", "FLTOVF", "FLTUND", "FLTRES", "FLTINV", "FLTSUB"],
  SEGV: ["MAPERR", "ACCERR", "BNDERR", "PKUERR", "ACCADI", "ADIDERR", "ADIPERR", "MTEAERR", "MTESERR"],
  BUS: ["ADRALN", "ADRERR", "OBJERR", "MCEERR_AR", "MCEERR_AO"],
  TRAP: ["BRKPT", "TRACE", "BRANCH", "HWBKPT", "UNK"],
  SYS: ["SECCOMP", "USER_DISPATCH"],
};

/** Who sent any of them; a user's program (0) is not told from no word. */
const SENDERS: ReadonlyMap<number, string> = new Map([
  ...[[0x80, "SI_KERNEL"], [-1, "SI_QUEUE"], [-2, "SI_TIMER"], [-3, "SI_MESGQ"]] as const,
  ...[[-4, "SI_ASYNCIO"], [-5, "SI_SIGIO"], [-6, "SI_TKILL"], [-7, "SI_DETHREAD"]] as const,
]);

/** Breakpad's and Crashpad's mark of a dump that was asked for. */
const ASKED_FOR = 0xffff_ffff;

function signal({ code, flags, address }: DumpException): ForeignException {
  if (code === ASKED_FOR) return { name: "no exception: the dump was asked for", address: "none" };
  const name = SIGNALS[code - 1];
  if (name === undefined) return { name: `signal ${code}`, ...detailsOf(flags, undefined), address: "none" };
  const kinds = SIGNAL_CODES[name];
  const kind = kinds?.[flags - 1];
  const details = detailsOf(flags, kind === undefined ? SENDERS.get(flags | 0) : `${name}_${kind}`);
  // Older Breakpads write no code: 0. Of a signal that was sent the address is another field's bytes.
  const isTold = kind !== undefined || (kinds !== undefined && flags === 0 && address !== 0n);
  const what = name === "SEGV" || name === "BUS" ? "access" : "instruction";
  return { name: `SIG${name}`, ...details, address: isTold ? what : "none" };
}

const MACH: ReadonlyMap<number, string> = new Map([
  ...[[1, "EXC_BAD_ACCESS"], [2, "EXC_BAD_INSTRUCTION"], [3, "EXC_ARITHMETIC"], [4, "EXC_EMULATION"]] as const,
  ...[[5, "EXC_SOFTWARE"], [6, "EXC_BREAKPOINT"], [7, "EXC_SYSCALL"], [8, "EXC_MACH_SYSCALL"]] as const,
  ...[[9, "EXC_RPC_ALERT"], [10, "EXC_CRASH"], [11, "EXC_RESOURCE"], [12, "EXC_GUARD"]] as const,
  ...[[13, "EXC_CORPSE_NOTIFY"], [0x43507378, "simulated exception (Crashpad)"]] as const,
  [0x43506e78, "uncaught NSException (Crashpad)"], // crashpad, simulate_crash and uncaught exceptions: 'CPsx', 'CPnx'
]);

type Codes = Readonly<Record<number, string>>;

/** By the exception's number, on every processor. */
const MACH_CODES: Readonly<Record<number, Codes>> = {
  1: {
    ...{ 1: "KERN_INVALID_ADDRESS", 2: "KERN_PROTECTION_FAILURE", 8: "KERN_NO_ACCESS", 9: "KERN_MEMORY_FAILURE" },
    ...{ 10: "KERN_MEMORY_ERROR", 50: "KERN_CODESIGN_ERROR" },
  },
  5: {
    ...{ 0x10000: "EXC_UNIX_BAD_SYSCALL", 0x10001: "EXC_UNIX_BAD_PIPE", 0x10002: "EXC_UNIX_ABORT" },
    ...{ 0x10003: "EXC_SOFT_SIGNAL", 0xdeadc0de: "uncaught NSException" }, // the last is Breakpad's own
  },
};

const INTEL: Readonly<Record<number, Codes>> = {
  1: { 13: "EXC_I386_GPFLT" },
  2: {
    ...{ 1: "EXC_I386_INVOP", 10: "EXC_I386_INVTSSFLT", 11: "EXC_I386_SEGNPFLT", 12: "EXC_I386_STKFLT" },
    ...{ 13: "EXC_I386_GPFLT", 17: "EXC_I386_ALIGNFLT" },
  },
  3: {
    ...{ 1: "EXC_I386_DIV", 2: "EXC_I386_INTO", 3: "EXC_I386_NOEXT", 4: "EXC_I386_EXTOVR", 5: "EXC_I386_EXTERR" },
    ...{ 6: "EXC_I386_EMERR", 7: "EXC_I386_BOUND", 8: "EXC_I386_SSEEXTERR" },
  },
  6: { 1: "EXC_I386_SGL", 2: "EXC_I386_BPT" },
};

const ARM: Readonly<Record<number, Codes>> = {
  1: {
    ...{ 0x101: "EXC_ARM_DA_ALIGN", 0x102: "EXC_ARM_DA_DEBUG", 0x103: "EXC_ARM_SP_ALIGN", 0x104: "EXC_ARM_SWP" },
    ...{ 0x105: "EXC_ARM_PAC_FAIL" },
  },
  2: { 1: "EXC_ARM_UNDEFINED" },
  6: { 1: "EXC_ARM_BREAKPOINT", 0x101: "EXC_ARM_DA_ALIGN", 0x102: "EXC_ARM_DA_DEBUG" },
};

/** macOS's own numbers of signals, from 1 on. */
const BSD_SIGNALS: readonly string[] = [
  ...["HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "EMT", "FPE", "KILL", "BUS", "SEGV", "SYS", "PIPE", "ALRM", "TERM"],
  ...["URG", "STOP", "TSTP", "CONT", "CHLD", "TTIN", "TTOU", "IO", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "INFO"],
  ...["USR1", "USR2"],
];

const EXC_BAD_ACCESS = 1;
const EXC_SOFTWARE = 5;
const EXC_CRASH = 10;
const EXC_SOFT_SIGNAL = 0x10003;
const GENERAL_PROTECTION = 13;

function mach(exception: DumpException, processor: string): ForeignException {
  const { code, flags } = exception;
  const ended = signalOf(exception);
  if (ended !== undefined) {
    const name = code === EXC_SOFTWARE ? "EXC_SOFTWARE" : "EXC_CRASH";
    return { name, details: ended, address: "instruction" };
  }
  const own = processor.startsWith("arm") ? ARM : INTEL;
  const details = detailsOf(flags, MACH_CODES[code]?.[flags] ?? own[code]?.[flags]);
  const isUnknown = own === INTEL && flags === GENERAL_PROTECTION; // of an address that cannot be one
  const address = code !== EXC_BAD_ACCESS ? "instruction" : isUnknown ? "none" : "access";
  return { name: MACH.get(code) ?? hex(code), ...details, address };
}

/** The signal that ended it, where that came of no exception: Crashpad keeps what the kernel said as the parameters. */
function signalOf({ code, flags, parameters }: DumpException): string | undefined {
  const [type, word = 0n, subcode = 0n] = parameters;
  const isCrash = (code === 0 || code === EXC_CRASH) && type === BigInt(EXC_CRASH);
  const isSignal = code === EXC_SOFTWARE && flags === EXC_SOFT_SIGNAL;
  if (!isCrash && !isSignal) return undefined;
  const name = BSD_SIGNALS[Number(isCrash ? word >> 24n & 0xffn : subcode) - 1];
  return name === undefined ? undefined : `SIG${name}`;
}

function detailsOf(flags: number, name: string | undefined): Pick<ForeignException, "details"> {
  if (name !== undefined) return { details: name };
  return flags === 0 ? {} : { details: `code ${hex(flags)}` };
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
