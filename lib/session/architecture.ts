/** What a program was compiled for. */
export type Architecture = "x86" | "x64" | "arm" | "arm64";

/** Size of a pointer in a program, in bytes; of one whose architecture is not known that of this time's programs. */
export function pointerSizeOf(architecture: Architecture | undefined): 4 | 8 {
  return architecture === "x86" || architecture === "arm" ? 4 : 8;
}
