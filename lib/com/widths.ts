/** What fits into native integers. A number or bigint beyond that is refused: cut, it would be another id, address or flag. */

const NUMBERS = {
  u8: [0, 0xff],
  u16: [0, 0xffff],
  u32: [0, 0xffff_ffff],
  i32: [-0x8000_0000, 0x7fff_ffff],
} as const;

const BIGINTS = {
  u64: [0n, (1n << 64n) - 1n],
  i64: [-(1n << 63n), (1n << 63n) - 1n],
} as const;

/** Kinds of integers that are numbers. */
export type NumberKind = keyof typeof NUMBERS;

/** Kinds of integers that are bigints. */
export type BigintKind = keyof typeof BIGINTS;

/** Whether a number is an integer of a kind. */
export function fitsNumber(kind: NumberKind, value: number): boolean {
  const [least, most] = NUMBERS[kind];
  return Number.isInteger(value) && value >= least && value <= most;
}

/** Whether a bigint is within a kind. */
export function fitsBigint(kind: BigintKind, value: bigint): boolean {
  const [least, most] = BIGINTS[kind];
  return value >= least && value <= most;
}

/** Says what a kind takes. */
export function rangeText(kind: NumberKind | BigintKind): string {
  const [least, most] = { ...NUMBERS, ...BIGINTS }[kind];
  return `from ${least} to ${most}`;
}
