import { Interrupted } from "./exit_codes.ts";

let controller: AbortController | undefined;

/**
 * Aborted by Ctrl-C and by a request to end. From the first call on such a signal does not end the process by itself: what is
 * debugged is let go first. A second one ends it at once.
 */
export function interruption(): AbortSignal {
  if (controller) return controller.signal;
  const own = controller = new AbortController();
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT", "SIGBREAK"] : ["SIGINT", "SIGTERM", "SIGHUP"];
  const onSignal = (): void => {
    if (own.signal.aborted) Deno.exit(130);
    own.abort(new Interrupted("Interrupted"));
  };
  for (const signal of signals) Deno.addSignalListener(signal, onSignal);
  return own.signal;
}
