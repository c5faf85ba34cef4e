/** Exit code of a script that Ctrl-C ended, as shells count it. */
const INTERRUPTED = 130;

/** How a session leaves when the script's process ends. */
export interface Leaving {
  /** In its own time, when the user presses Ctrl-C. */
  gently(): Promise<void>;
  /** Before it returns, when the process ends right after. */
  now(): void;
}

/**
 * Watches for the end of the script's process: Ctrl-C and Ctrl-Break, `Deno.exit`, an error that nobody caught. Gives a
 * function that stops watching.
 */
export function onLeaving(leaving: Leaving): () => void {
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT", "SIGBREAK"] : ["SIGINT", "SIGTERM"];
  let left = false;
  const onSignal = (): void => {
    if (left) return;
    left = true;
    leaving.gently().catch(() => leaving.now()).finally(() => Deno.exit(INTERRUPTED));
  };
  const onEnd = (event: Event): void => {
    if (left || event.defaultPrevented) return; // prevented: the script catches the error after all
    left = true;
    leaving.now();
  };
  for (const signal of signals) Deno.addSignalListener(signal, onSignal);
  for (const name of ENDS) globalThis.addEventListener(name, onEnd);
  return () => {
    for (const name of ENDS) globalThis.removeEventListener(name, onEnd);
    if (left) return; // Deno.exit follows
    for (const signal of signals) Deno.removeSignalListener(signal, onSignal);
  };
}

const ENDS = ["unload", "error", "unhandledrejection"] as const;
