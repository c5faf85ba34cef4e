/** Jumps over some code on a condition (the opcode of a short jump). */
export function jumpOver(condition: number, code: readonly number[]): number[] {
  if (code.length > 127) throw new RangeError(`Cannot jump over ${code.length} bytes: a short jump reaches 127`);
  return [condition, code.length, ...code];
}

/** A number's bytes, the lowest first. */
export function bytes(value: number | bigint, count: number): number[] {
  return Array.from({ length: count }, (_, index) => Number(BigInt.asUintN(8, BigInt(value) >> BigInt(8 * index))));
}
