/** Functions of Windows that call back for each of several things. */

const CALLBACK = { parameters: ["usize", "usize"], result: "i32" } as const;

/**
 * Calls a function that takes a callback with an address and a context, as `SymEnumSourceLinesW` does. The callback is there while that runs, on this thread;
 * it gets the address, and gives whether to go on.
 */
export function enumerate(
  each: (address: bigint) => boolean,
  call: (callback: NonNullable<Deno.PointerValue>) => void,
): void {
  const callback = new Deno.UnsafeCallback(CALLBACK, (address) => each(BigInt(address)) ? 1 : 0);
  try {
    call(callback.pointer);
  } finally {
    callback.close();
  }
}
