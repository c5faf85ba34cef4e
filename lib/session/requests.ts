import { requireOneOf, requireOptions, requireText, requireTextIfAny } from "./arguments.ts";
import { refuseCombinations } from "./attach_rules.ts";
import { childPolicies } from "./children.ts";
import { environmentLines, quoteCommandLine } from "./command_line.ts";
import type { AttachRequest, LaunchInput, LaunchRequest } from "./contract.ts";
import { inputStream } from "./input.ts";
import type { AttachOptions, ConnectOptions, LaunchOptions } from "./options.ts";
import { ANSWERS } from "./port.ts";
import { requireTime } from "./time.ts";

/** Options of an attach as plain data. @throws {AttachError} kind `invalid-flags`. */
export function attachRequest(options: AttachOptions): AttachRequest {
  requireOptions("Cannot attach", options);
  refusePort("Cannot attach", options.port);
  refuseCombinations(options);
  const { noninvasive = false, existing = false, initialBreak = true, resume = false, children } = options;
  return { noninvasive, existing, initialBreak, resume, children: childPolicies(children) };
}

/** A command with its options as plain data. @throws {TypeError} for an empty command. */
export function launchRequest(
  command: string | readonly string[],
  options: LaunchOptions,
  onInputError: (error: unknown) => void,
): LaunchRequest {
  requireOptions("Cannot launch", options);
  refusePort("Cannot launch", options.port);
  requireCommand(command);
  requireTextIfAny("Cannot launch", "directory", options.directory);
  for (const name of ["clearEnvironment", "initialBreak"] as const) {
    requireOneOf("Cannot launch", name, options[name], [undefined, true, false]);
  }
  return {
    command,
    directory: options.directory ?? null,
    environment: environmentLines(options.environment === undefined ? {} : options.environment),
    clearEnvironment: options.clearEnvironment ?? false,
    initialBreak: options.initialBreak ?? true,
    children: childPolicies(options.children),
    ...(options.input === undefined ? {} : { input: launchInput(options.input, onInputError) }),
  };
}

function launchInput(input: unknown, onError: (error: unknown) => void): LaunchInput {
  return { source: inputStream("Cannot launch", input), onError };
}

/** How long a server may take to answer, in milliseconds. @throws {TypeError | RangeError} for what is no such time. */
export function connectTimeout({ timeout = ANSWERS }: ConnectOptions): number {
  requireTime("timeout", timeout);
  if (timeout >= 1 && timeout <= LONGEST) return Math.ceil(timeout);
  throw new RangeError(`Cannot connect: a timeout of ${timeout} ms is none; give 1 to ${LONGEST}`);
}

/** The longest time that a timer takes, in milliseconds. */
const LONGEST = 0x7fff_ffff;

/** Characters of a command line: Windows takes no more. */
const MAX_COMMAND_LINE = 32_766;

function requireCommand(command: unknown): void {
  const action = "Cannot launch";
  if (Array.isArray(command)) command.forEach((each, index) => requireText(action, `argument ${index}`, each));
  else requireText(action, "the command", command);
  const line = Array.isArray(command) ? quoteCommandLine(command) : command as string;
  if (line.trim() === "") throw new TypeError("Cannot launch: the command is empty");
  if (line.length > MAX_COMMAND_LINE) {
    throw new RangeError(`Cannot launch: the command line has more than ${MAX_COMMAND_LINE} characters`);
  }
}

function refusePort(action: string, port: unknown): void {
  if (port === undefined || (typeof port === "object" && port !== null && "processes" in port)) return;
  throw new TypeError(`${action}: port is no port; it is what connect() gave`);
}

/** What the engine of a launched program is told: it is attached to as it comes up. */
export function requestOfLaunch({ initialBreak, children }: LaunchRequest): AttachRequest {
  return { noninvasive: false, existing: false, initialBreak, resume: false, children };
}
