import { Interrupted } from "./exit_codes.ts";

let controller: AbortController | undefined;

const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Ends the process when a second signal has come and the command's thread did not take it: it may be inside a write that nobody reads.
 * Hosts see that their client has gone, and let programs go as they came. It needs nothing of that thread, not even to begin.
 */
const INSISTS = `
let count = 0;
const end = () => {
  if (++count > 1) setTimeout(() => Deno.kill(Deno.pid, "SIGKILL"), 200);
};
for (const signal of ${JSON.stringify(SIGNALS)}) Deno.addSignalListener(signal, end);
`;

/**
 * Aborted by Ctrl-C and by a request to end. From the first call on such a signal does not end the process by itself: what is
 * debugged is let go first. A second one ends it at once.
 */
export function interruption(): AbortSignal {
  if (controller) return controller.signal;
  const own = controller = new AbortController();
  const onSignal = (): void => {
    if (own.signal.aborted) Deno.exit(130);
    own.abort(new Interrupted("Interrupted"));
  };
  for (const signal of SIGNALS) Deno.addSignalListener(signal, onSignal);
  new Worker(`data:text/javascript,${encodeURIComponent(INSISTS)}`, { type: "module" });
  return own.signal;
}
