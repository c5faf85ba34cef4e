/** Standard handles of a program that is launched: the engine has no word for them, and Windows hands this process's own on. */

const kernelSymbols = {
  GetStdHandle: { parameters: ["u32"], result: "usize" },
  SetStdHandle: { parameters: ["u32", "usize"], result: "i32" },
  GetHandleInformation: { parameters: ["usize", "buffer"], result: "i32" },
  SetHandleInformation: { parameters: ["usize", "u32", "u32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

let kernel: Deno.DynamicLibrary<typeof kernelSymbols>["symbols"] | undefined;

const STD_INPUT_HANDLE = 0xffff_fff6;
const STD_HANDLES = [STD_INPUT_HANDLE, 0xffff_fff5, 0xffff_fff4];
const HANDLE_FLAG_INHERIT = 1;

/** Has what is launched meanwhile read from a handle of this process; without one from where this process does. */
export function withInput<T>(handle: number | undefined, launch: () => T): T {
  const symbols = kernel ??= Deno.dlopen("kernel32.dll", kernelSymbols).symbols;
  const own = symbols.GetStdHandle(STD_INPUT_HANDLE);
  if (handle !== undefined) symbols.SetStdHandle(STD_INPUT_HANDLE, BigInt(handle));
  try {
    return inheritable(STD_HANDLES.map((id) => symbols.GetStdHandle(id)), launch);
  } finally {
    symbols.SetStdHandle(STD_INPUT_HANDLE, own);
  }
}

/**
 * The program's copies of handles can be inherited as far as these can: Deno's own cannot, and what the program's children print would
 * be lost.
 */
function inheritable<T>(handles: readonly bigint[], launch: () => T): T {
  const symbols = kernel ??= Deno.dlopen("kernel32.dll", kernelSymbols).symbols;
  const flags = new Uint32Array(1);
  const kept = [...new Set(handles)].filter((handle) =>
    symbols.GetHandleInformation(handle, flags) !== 0 && ((flags[0] ?? 0) & HANDLE_FLAG_INHERIT) === 0
  );
  for (const handle of kept) symbols.SetHandleInformation(handle, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
  try {
    return launch();
  } finally {
    for (const handle of kept) symbols.SetHandleInformation(handle, HANDLE_FLAG_INHERIT, 0);
  }
}
