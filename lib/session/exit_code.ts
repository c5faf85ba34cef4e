import { hresultSymbol, hresultText } from "../com/hresult.ts";

/** An exit code as people write it: Windows' own failures are known by their hexadecimal form. */
export function codeText(code: number): string {
  return code >>> 0 >= 0x80000000 ? hresultText(code) : String(code);
}

/** The same with Microsoft's name, where it is known: `0xC0000135 (STATUS_DLL_NOT_FOUND)`. */
export function exitCodeText(code: number): string {
  const name = code >>> 0 >= 0x80000000 ? hresultSymbol(code) : undefined;
  return name === undefined ? codeText(code) : `${codeText(code)} (${name})`;
}
