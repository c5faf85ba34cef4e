import { STATUS_NAMES } from "./generated/status_names.ts";

/** `S_OK`. */
export const S_OK = 0;
/** `S_FALSE`: success with a reservation, for example a wait that ran out of time. */
export const S_FALSE = 1;
/** `E_PENDING`: a wait was ended by `SetInterrupt(DEBUG_INTERRUPT_EXIT)`. */
export const E_PENDING = 0x8000000A | 0;
/** `E_UNEXPECTED`: the engine is in the wrong state, for example without a debuggee. */
export const E_UNEXPECTED = 0x8000FFFF | 0;
/** `E_NOTIMPL`. */
export const E_NOTIMPL = 0x80004001 | 0;
/** `E_NOINTERFACE`. */
export const E_NOINTERFACE = 0x80004002 | 0;
/** `E_FAIL`. */
export const E_FAIL = 0x80004005 | 0;

/** An HRESULT as people write it: `0x80070005`. */
export function hresultText(hresult: number): string {
  return "0x" + (hresult >>> 0).toString(16).toUpperCase().padStart(8, "0");
}

/** The symbol of an HRESULT, an NTSTATUS or an NTSTATUS inside an HRESULT (`STATUS_ACCESS_DENIED` of `0xD0000022`), if known. */
export function hresultSymbol(hresult: number): string | undefined {
  return STATUS_NAMES.get(hresult >>> 0);
}

/** A COM method returned a failure. */
export class HresultError extends Error {
  override readonly name = "HresultError";
  /** The method that failed. */
  readonly call: string;
  /** What it returned, as a signed 32-bit number. */
  readonly hresult: number;
  /** Microsoft's name of the code, where it is known. */
  readonly symbol: string | undefined;

  constructor(call: string, hresult: number) {
    const symbol = hresultSymbol(hresult);
    super(`${call} returned ${hresultText(hresult)}${symbol ? ` (${symbol})` : ""}`);
    this.call = call;
    this.hresult = hresult | 0;
    this.symbol = symbol;
  }
}
