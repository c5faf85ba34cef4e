/**
 * How much a confined script may ask for at a time.
 * @module
 */

/** Bytes that one read or write may be about: Latch's own scripts ask for more in pieces of this size. */
export const MAX_MEMORY = 4 << 20;

/** Frames of one stack. */
export const MAX_FRAMES = 10_000;

/** Characters of a command of the engine's. */
export const MAX_COMMAND = 16_384;

/** Characters of a path. */
export const MAX_PATH = 1_024;

/** Characters of a command line: Windows takes no more. */
export const MAX_COMMAND_LINE = 32_766;

/** Environment variables of a launch, and characters of each. */
export const MAX_VARIABLES = 1_000;

/** Policies for children. */
export const MAX_POLICIES = 100;

/** Process servers that a script is connected to at a time. */
export const MAX_SERVERS = 16;

/** Milliseconds that a process server may take to answer. */
export const MAX_PATIENCE = 600_000;

/** Programs that a script has at a time. */
export const MAX_PROGRAMS = 256;

/** Calls that wait for their turn. */
export const MAX_WAITING = 256;

/** Breakpoints that a script sets in all. */
export const MAX_BREAKPOINTS = 100_000;
