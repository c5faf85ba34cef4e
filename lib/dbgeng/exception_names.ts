/**
 * Names of what programs raise and Windows' headers do not name: exceptions of languages and their runtimes, fast fails.
 * @module
 */
import { STATUS_NAMES } from "../com/generated/status_names.ts";
import { hresultText } from "../com/hresult.ts";

/** By code. Each row ends with where the number is from. */
const RAISED: ReadonlyMap<number, string> = new Map([
  [0xe06d7363, "C++ exception"], // Visual C++, ehdata.h: EH_EXCEPTION_NUMBER; Rust's panics use it as well
  [0x20474343, "C++ exception (GCC)"], // GCC, unwind-seh.c: STATUS_GCC_THROW; Ada, Objective-C and Rust too
  [0x21474343, "unwinding (GCC)"], // GCC, unwind-seh.c: STATUS_GCC_UNWIND
  [0x22474343, "forced unwinding (GCC)"], // GCC, unwind-seh.c: STATUS_GCC_FORCED
  [0x0eefface, "C++ exception (C++Builder)"], // Delphi, System.pas: cCppException
  [0xe36c6700, "C++ exception (C++Builder)"], // Delphi, System.pas: cCppException, 64 bits
  [0xe0434352, "CLR exception"], // CoreCLR, corexcep.h: EXCEPTION_COMPLUS
  [0xe0434f4d, "CLR exception"], // the same before .NET 4
  [0xe0434f4e, "CLR return address hijack"], // CoreCLR, corexcep.h: EXCEPTION_HIJACK
  [0xe053534f, "CLR stack overflow"], // CoreCLR, corexcep.h: EXCEPTION_SOFTSO
  [0xc0020001, "CLR startup exception"], // CoreCLR, corexcep.h: BOOTUP_EXCEPTION_COMPLUS
  [0x04242420, "CLR notification to debuggers"], // CoreCLR, dbgipcevents.h: CLRDBG_NOTIFICATION_EXCEPTION_CODE
  [0x406d1388, "thread name"], // Visual Studio's documentation, "Set a thread name": MS_VC_EXCEPTION
  [0x4001000a, "DBG_PRINTEXCEPTION_WIDE_C"], // winnt.h
  [0x40080201, "Windows Runtime error origination"], // roerrorapi.h: EXCEPTION_RO_ORIGINATEERROR
  [0x40080202, "Windows Runtime error transformation"], // roerrorapi.h: EXCEPTION_RO_TRANSFORMERROR
  [0xc06d007e, "delay-loaded DLL not found"], // delayimp.h: VcppException(ERROR_SEVERITY_ERROR, ERROR_MOD_NOT_FOUND)
  [0xc06d007f, "delay-loaded function not found"], // delayimp.h: the same with ERROR_PROC_NOT_FOUND
  [0x0eedfade, "Delphi exception"], // Delphi, System.pas: cDelphiException
  [0x0eedfadf, "Delphi exception raised again"], // Delphi, System.pas: cDelphiReRaise
  [0x0eedfae3, "Delphi exception that is not handled"], // Delphi, System.pas: cDelphiUnhandled
  [0x0eedfae4, "Delphi note of another exception"], // Delphi, System.pas: cNonDelphiException
  [0xe0465043, "Free Pascal exception"], // Free Pascal, rtl/win64/seh64.inc
  // Go, runtime/signal_windows.go: dieFromException, where GOTRACEBACK is crash or wer; nil and others are Windows' own. Others may raise it, too.
  [2, "code 2 (in Go: fatal error)"],
  [0xe0440001, "D exception"], // Digital Mars, deh.c: STATUS_DIGITAL_MARS_D_EXCEPTION
  [0xe0000008, "out of memory (Chromium)"], // Chromium, base/process/memory.h: kOomExceptionCode; V8, PDFium and Breakpad too
  [0x0517a7ed, "simulated exception (Crashpad)"], // Crashpad, simulate_crash: kSimulatedExceptionCode
  [0x80000100, "Wine: function not implemented"], // Wine, winternl.h: EXCEPTION_WINE_STUB
  [0x80000101, "Wine: assertion"], // Wine, winternl.h: EXCEPTION_WINE_ASSERTION
]);

/** LuaJIT adds Lua's error to it: lj_err.c, LJ_EXCODE. */
const LUAJIT = 0xe24c4a00;
const LUA_ERROR = "Lua error (LuaJIT)";

/** The header's names of successes and errors begin here: below are codes that a program has made up. */
const FIRST_STATUS = 0x40000000;

/** What an exception is called: by Microsoft's name of its code, by what raises it, or else by the code. */
export function exceptionName(code: number): string {
  const known = RAISED.get(code) ?? (code >= FIRST_STATUS ? STATUS_NAMES.get(code) : undefined);
  if (known !== undefined) return known;
  return (code & ~0xff) >>> 0 === LUAJIT ? LUA_ERROR : hresultText(code);
}

/** All names that it can give, but for codes without one. */
export const KNOWN_NAMES: ReadonlySet<string> = new Set([
  ...RAISED.values(),
  ...[...STATUS_NAMES].flatMap(([code, name]) => code >= FIRST_STATUS ? [name] : []),
  LUA_ERROR,
]);

/** Why a program ended itself at once: winnt.h, FAST_FAIL_…, by number. */
const FAST_FAILS: readonly string[] = [
  ...["LEGACY_GS_VIOLATION", "VTGUARD_CHECK_FAILURE", "STACK_COOKIE_CHECK_FAILURE", "CORRUPT_LIST_ENTRY"],
  ...["INCORRECT_STACK", "INVALID_ARG", "GS_COOKIE_INIT", "FATAL_APP_EXIT", "RANGE_CHECK_FAILURE"],
  ...["UNSAFE_REGISTRY_ACCESS", "GUARD_ICALL_CHECK_FAILURE", "GUARD_WRITE_CHECK_FAILURE", "INVALID_FIBER_SWITCH"],
  ...["INVALID_SET_OF_CONTEXT", "INVALID_REFERENCE_COUNT", "", "", "", "INVALID_JUMP_BUFFER", "MRDATA_MODIFIED"],
  ...["CERTIFICATION_FAILURE", "INVALID_EXCEPTION_CHAIN", "CRYPTO_LIBRARY", "INVALID_CALL_IN_DLL_CALLOUT"],
  ...["INVALID_IMAGE_BASE", "DLOAD_PROTECTION_FAILURE", "UNSAFE_EXTENSION_CALL", "DEPRECATED_SERVICE_INVOKED"],
  ...["INVALID_BUFFER_ACCESS", "INVALID_BALANCED_TREE", "INVALID_NEXT_THREAD", "GUARD_ICALL_CHECK_SUPPRESSED"],
  ...["APCS_DISABLED", "INVALID_IDLE_STATE", "MRDATA_PROTECTION_FAILURE", "UNEXPECTED_HEAP_EXCEPTION"],
  ...["INVALID_LOCK_STATE", "GUARD_JUMPTABLE", "INVALID_LONGJUMP_TARGET", "INVALID_DISPATCH_CONTEXT"],
  ...["INVALID_THREAD", "INVALID_SYSCALL_NUMBER", "INVALID_FILE_OPERATION", "LPAC_ACCESS_DENIED"],
  ...["GUARD_SS_FAILURE", "LOADER_CONTINUITY_FAILURE", "GUARD_EXPORT_SUPPRESSION_FAILURE"],
  ...["INVALID_CONTROL_STACK", "SET_CONTEXT_DENIED", "INVALID_IAT", "HEAP_METADATA_CORRUPTION"],
  ...["PAYLOAD_RESTRICTION_VIOLATION", "LOW_LABEL_ACCESS_DENIED", "ENCLAVE_CALL_FAILURE"],
  ...["UNHANDLED_LSS_EXCEPTON", "ADMINLESS_ACCESS_DENIED", "UNEXPECTED_CALL", "CONTROL_INVALID_RETURN_ADDRESS"],
  ...["UNEXPECTED_HOST_BEHAVIOR", "FLAGS_CORRUPTION", "VEH_CORRUPTION", "ETW_CORRUPTION", "RIO_ABORT"],
  ...["INVALID_PFN", "GUARD_ICALL_CHECK_FAILURE_XFG", "CAST_GUARD", "HOST_VISIBILITY_CHANGE"],
  ...["KERNEL_CET_SHADOW_STACK_ASSIST", "PATCH_CALLBACK_FAILED", "NTDLL_PATCH_FAILED", "INVALID_FLS_DATA"],
];

/** What a fast fail was for. */
export function fastFailName(subcode: bigint): string {
  const name = FAST_FAILS[Number(subcode)];
  return name ? `FAST_FAIL_${name}` : `fast fail ${subcode}`;
}
