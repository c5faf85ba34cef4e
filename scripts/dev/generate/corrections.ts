/**
 * What the header gets wrong, and what it takes from the Windows SDK. Each row
 * is used, or the generator stops: so a new header version cannot leave a stale
 * one behind.
 *
 * @module
 */

/** A parameter whose annotation contradicts what the method does. */
export interface Correction {
  readonly method: string;
  readonly written: string;
  readonly corrected: string;
}

/** `_In_opt_` on a buffer that the engine fills. */
export const CORRECTIONS: readonly Correction[] = [
  {
    method: "GetEventIndexDescription",
    written: "_In_opt_ PSTR Buffer",
    corrected: "_Out_writes_opt_(BufferSize) PSTR Buffer",
  },
  {
    method: "GetEventIndexDescriptionWide",
    written: "_In_opt_ PWSTR Buffer",
    corrected: "_Out_writes_opt_(BufferSize) PWSTR Buffer",
  },
];

/**
 * Interfaces whose `DECLSPEC_UUID` differs from their `DEFINE_GUID`. The latter
 * is the one that is taken: dbgeng.dll holds its bytes and not the other's.
 */
export const CONTRADICTING_IIDS: readonly string[] = ["IDebugPlmClient3"];

/** Windows SDK macros that constants of the header refer to. */
export const SDK_MACROS: Readonly<Record<string, string>> = {
  CREATE_UNICODE_ENVIRONMENT: "0x00000400",
  STACK_SIZE_PARAM_IS_A_RESERVATION: "0x00010000",
};
