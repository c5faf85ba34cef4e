/** Standard input of a program that is launched: the engine has no word for it, and Windows hands this process's own on. */

const kernelSymbols = {
  GetStdHandle: { parameters: ["u32"], result: "usize" },
  SetStdHandle: { parameters: ["u32", "usize"], result: "i32" },
  SetHandleInformation: { parameters: ["usize", "u32", "u32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

let kernel: Deno.DynamicLibrary<typeof kernelSymbols>["symbols"] | undefined;

const STD_INPUT_HANDLE = 0xffff_fff6;
const HANDLE_FLAG_INHERIT = 1;

/** Has what is launched meanwhile read from a handle of this process; without one from where this process does. */
export function withInput<T>(handle: number | undefined, launch: () => T): T {
  if (handle === undefined) return launch();
  const symbols = kernel ??= Deno.dlopen("kernel32.dll", kernelSymbols).symbols;
  const own = symbols.GetStdHandle(STD_INPUT_HANDLE);
  try {
    symbols.SetHandleInformation(BigInt(handle), HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
    symbols.SetStdHandle(STD_INPUT_HANDLE, BigInt(handle));
    return launch();
  } finally {
    symbols.SetStdHandle(STD_INPUT_HANDLE, own);
    symbols.SetHandleInformation(BigInt(handle), HANDLE_FLAG_INHERIT, 0);
  }
}
