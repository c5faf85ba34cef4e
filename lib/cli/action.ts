import { timeoutSignal } from "../session/time.ts";
import { EXIT } from "./exit_codes.ts";
import { userMessage, type Where } from "./open.ts";
import { interruption } from "./interruption.ts";
import { Output } from "./output.ts";

/** What a command's action works with. */
export interface Action {
  /** Where it prints. */
  readonly output: Output;
  /** Aborted when it has to come to an end: Ctrl-C, a closed pipe, the time that `--timeout` gave. */
  readonly signal: AbortSignal;
}

/**
 * Carries out a command: sets the exit code that it gives (0 without one). What it throws is left to `main`, but for the end of
 * who reads its output, which is no failure.
 */
export async function act(
  options: { readonly json?: boolean; readonly timeout?: number } & Pick<Where, "host" | "port">,
  action: (action: Action) => Promise<number | void>,
): Promise<void> {
  const output = new Output(options);
  const signals = [interruption(), output.gone];
  if (options.timeout !== undefined) signals.push(timeoutSignal(options.timeout * 1000));
  const signal = AbortSignal.any(signals);
  try {
    Deno.exitCode = await action({ output, signal }) ?? EXIT.done;
  } catch (error) {
    tellAsUser(error, options);
    if (!output.gone.aborted) throw error;
    Deno.exitCode = EXIT.done;
  }
}

/** The paths in what went wrong are told as the user writes them. */
function tellAsUser(error: unknown, where: Pick<Where, "host" | "port">): void {
  if (!(error instanceof Error)) return;
  const message = userMessage(error.message, where);
  if (message !== error.message) error.message = message; // that of a DOMException cannot be set
}
