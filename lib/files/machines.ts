/** IMAGE_FILE_MACHINE_…: what programs and dumps of Windows say that they are for. */

/** That of 32-bit Intel programs. */
export const I386 = 0x14c;

/** What the machines are called. */
export const MACHINES: Readonly<Record<number, "x86" | "x64" | "arm" | "arm64">> = {
  [I386]: "x86",
  0x1c4: "arm",
  0x8664: "x64",
  0xaa64: "arm64",
};
