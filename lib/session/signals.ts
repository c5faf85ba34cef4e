/** Exit code of a script that Ctrl-C ended, as shells count it. */
const INTERRUPTED = 130;

/** Runs `leave` when the user presses Ctrl-C (or Ctrl-Break) and ends the script after it. Gives a function that stops listening. */
export function onSignals(leave: () => Promise<void>): () => void {
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT", "SIGBREAK"] : ["SIGINT", "SIGTERM"];
  let leaving = false;
  const listener = (): void => {
    if (leaving) return;
    leaving = true;
    leave().catch(() => {}).finally(() => Deno.exit(INTERRUPTED));
  };
  for (const signal of signals) Deno.addSignalListener(signal, listener);
  return () => {
    if (!leaving) { for (const signal of signals) Deno.removeSignalListener(signal, listener); }
  };
}
