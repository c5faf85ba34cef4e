/** Exit code of a script that Ctrl-C ended, as shells count it. */
const INTERRUPTED = 130;

/** How long all sessions may take to leave when the script is to end, in milliseconds. */
const PATIENCE = 1900;

/** How a session leaves when the script's process ends. */
export interface Leaving {
  /** In its own time, when the user presses Ctrl-C. */
  gently(): Promise<void>;
  /** Before it returns, when the process ends right after. */
  now(): void;
}

/** Those that are to leave with the process. */
const watched = new Set<Leaving>();
let isLeaving = false;

/**
 * Watches for the end of the script's process: Ctrl-C and Ctrl-Break, `Deno.exit`, an error that nobody caught. Gives a
 * function that stops watching.
 */
export function onLeaving(leaving: Leaving): () => void {
  if (watched.size === 0) watch();
  watched.add(leaving);
  return () => {
    if (watched.delete(leaving) && watched.size === 0 && !isLeaving) unwatch();
  };
}

const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT", "SIGBREAK"] : ["SIGINT", "SIGTERM"];
const ENDS = ["unload", "error", "unhandledrejection"] as const;

function watch(): void {
  for (const signal of SIGNALS) Deno.addSignalListener(signal, onSignal);
  for (const name of ENDS) globalThis.addEventListener(name, onEnd);
}

function unwatch(): void {
  for (const signal of SIGNALS) Deno.removeSignalListener(signal, onSignal);
  for (const name of ENDS) globalThis.removeEventListener(name, onEnd);
}

/** A second signal ends the process at once, and so does the time that the first one gives. */
function onSignal(): void {
  if (isLeaving) Deno.exit(INTERRUPTED);
  isLeaving = true;
  setTimeout(() => Deno.exit(INTERRUPTED), PATIENCE);
  const all = [...watched].map((one) => one.gently().catch(() => one.now()));
  Promise.all(all).finally(() => Deno.exit(INTERRUPTED));
}

function onEnd(event: Event): void {
  if (isLeaving) {
    // The script is told that its session is over, and may not catch that: it ends by the signal all the same.
    if (event.type !== "unload") event.preventDefault();
    return;
  }
  if (event.defaultPrevented) return; // the script catches the error after all
  for (const one of watched) one.now();
  watched.clear();
}
