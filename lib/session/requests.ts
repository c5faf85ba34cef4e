import { refuseCombinations } from "./attach_rules.ts";
import { childPolicies } from "./children.ts";
import { environmentLines } from "./command_line.ts";
import type { AttachRequest, LaunchRequest } from "./contract.ts";
import type { AttachOptions, ConnectOptions, LaunchOptions } from "./options.ts";
import { ANSWERS } from "./port.ts";

/** Options of an attach as plain data. @throws {AttachError} kind `invalid-flags`. */
export function attachRequest(options: AttachOptions): AttachRequest {
  refuseCombinations(options);
  const { noninvasive = false, existing = false, initialBreak = true, resume = false, children } = options;
  return { noninvasive, existing, initialBreak, resume, children: childPolicies(children) };
}

/** A command with its options as plain data. @throws {TypeError} for an empty command. */
export function launchRequest(command: string | readonly string[], options: LaunchOptions): LaunchRequest {
  if ((typeof command === "string" ? command : command.join(" ")).trim() === "") {
    throw new TypeError("Cannot launch: the command is empty");
  }
  return {
    command,
    directory: options.directory ?? null,
    environment: environmentLines(options.environment ?? {}),
    clearEnvironment: options.clearEnvironment ?? false,
    initialBreak: options.initialBreak ?? true,
    children: childPolicies(options.children),
  };
}

/** How long a server may take to answer, in milliseconds. @throws {RangeError} for what is no such time. */
export function connectTimeout({ timeout = ANSWERS }: ConnectOptions): number {
  if (timeout >= 1 && timeout <= LONGEST) return Math.ceil(timeout);
  throw new RangeError(`Cannot connect: a timeout of ${timeout} ms is none; give 1 to ${LONGEST}`);
}

/** The longest time that a timer takes, in milliseconds. */
const LONGEST = 0x7fff_ffff;

/** What the engine of a launched program is told: it is attached to as it comes up. */
export function requestOfLaunch({ initialBreak, children }: LaunchRequest): AttachRequest {
  return { noninvasive: false, existing: false, initialBreak, resume: false, children };
}
