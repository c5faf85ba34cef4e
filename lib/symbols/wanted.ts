/** A file that a symbol server is asked for: the symbols of a module, or the module itself. */
export interface WantedFile {
  /** Its name, without a folder. */
  readonly name: string;
  /** What tells it from others of that name: of a PDB its GUID and age, of a module its time stamp and size, as symbol servers write them. */
  readonly id: string;
  /** Whether it holds symbols, or is the module. */
  readonly kind: "symbols" | "module";
  /** The module that it belongs to. */
  readonly module: string;
}
