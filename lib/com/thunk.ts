/** Bytes of stack that the thunk takes: 32 that every Windows function may use, the arguments from the fifth on, padding to 16. */
function stackBytes(maxArguments: number): number {
  const bytes = 32 + 8 * (maxArguments + 1 - 4);
  return bytes + (bytes % 16);
}

/**
 * Machine code (64-bit Intel, Windows calling convention) of a function without parameters that calls one vtable slot.
 *
 * `frame` is the address of its words: [0] the object, [1] byte offset of the slot in the vtable, [2] receives the whole
 * result, [firstArgument …] the arguments after the object. All `maxArguments` are always passed: a callee does not look
 * at more than it declared, and the caller cleans the stack.
 */
export function thunkCode(frame: bigint, firstArgument: number, maxArguments: number): Uint8Array {
  const code: number[] = [];
  const emit = (...bytes: number[]): number => code.push(...bytes);
  const emit32 = (value: number): number => emit(value & 255, value >> 8 & 255, value >> 16 & 255, value >> 24 & 255);
  const argument = (index: number): number => 8 * (firstArgument + index);
  const stack = stackBytes(maxArguments);
  emit(0x53); // push rbx
  emit(0x48, 0x81, 0xec), emit32(stack); // sub rsp, stack
  emit(0x48, 0xbb); // mov rbx, frame
  emit32(Number(BigInt.asIntN(32, frame))), emit32(Number(BigInt.asIntN(32, frame >> 32n)));
  for (let index = 3; index < maxArguments; index++) {
    emit(0x48, 0x8b, 0x83), emit32(argument(index)); // mov rax, [rbx + argument]
    emit(0x48, 0x89, 0x84, 0x24), emit32(32 + 8 * (index - 3)); // mov [rsp + place], rax
  }
  emit(0x48, 0x8b, 0x0b); // mov rcx, [rbx]: the object
  emit(0x48, 0x8b, 0x93), emit32(argument(0)); // mov rdx, …
  emit(0x4c, 0x8b, 0x83), emit32(argument(1)); // mov r8, …
  emit(0x4c, 0x8b, 0x8b), emit32(argument(2)); // mov r9, …
  emit(0x48, 0x8b, 0x01); // mov rax, [rcx]: the vtable
  emit(0x48, 0x03, 0x43, 0x08); // add rax, [rbx + 8]
  emit(0xff, 0x10); // call [rax]
  emit(0x48, 0x89, 0x43, 0x10); // mov [rbx + 16], rax
  emit(0x48, 0x81, 0xc4), emit32(stack); // add rsp, stack
  emit(0x5b, 0xc3); // pop rbx; ret
  return Uint8Array.from(code);
}
