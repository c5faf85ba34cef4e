/**
 * Fetches symbols of programs, DLLs and dumps from symbol servers, without an engine and without `symsrv.dll`.
 *
 * @example What a dump wants
 * ```ts no-eval
 * import { wantedFiles } from "@latch/latch/symbols";
 *
 * for (const { name, id } of wantedFiles("app.dmp")) console.log(name, id);
 * ```
 *
 * @module
 */
export { FileError, type FileErrorKind } from "../files/error.ts";
export { SymbolError, type SymbolErrorKind } from "./error.ts";
export { type FetchedFile, type FetchProgress, fetchSymbols, type FetchSymbolsOptions } from "./fetch.ts";
export { type LoadedProgram, wantedByProgram } from "./loaded.ts";
export { wantedFiles } from "./read_wanted.ts";
export type { WantedFile } from "./wanted.ts";
