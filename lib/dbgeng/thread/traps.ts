/**
 * Break instructions and single steps as exceptions.
 * @module
 */

const BREAKS: readonly number[] = [0x80000003, 0x4000001f]; // STATUS_BREAKPOINT, STATUS_WX86_BREAKPOINT
const STEPS: readonly number[] = [0x80000004, 0x4000001e]; // STATUS_SINGLE_STEP, STATUS_WX86_SINGLE_STEP

/** Which of both an exception is, by its code: for those of 32-bit code 64-bit Windows has codes of its own. */
export function trapOf(code: number): "break" | "step" | undefined {
  return BREAKS.includes(code) ? "break" : STEPS.includes(code) ? "step" : undefined;
}

/** Whether an exception is a break instruction of 32-bit code under 64-bit Windows. */
export function isX86Break(code: number): boolean {
  return code === BREAKS[1];
}
