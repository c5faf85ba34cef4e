/** How often a process is looked at, in milliseconds. */
const PERIOD = 200;

/** Bytes of a page, where /proc counts in pages. */
const PAGE = 4096;

/**
 * Watches how much memory a process takes, where that can be read (Linux); calls once when it is above so many megabytes. Gives
 * what stops it.
 */
export function watchMemory(processId: number, megabytes: number, exceeded: () => void): () => void {
  if (Deno.build.os !== "linux") return () => {};
  const timer = setInterval(() => {
    const resident = residentBytes(processId);
    if (resident === undefined || resident <= megabytes * (1 << 20)) return;
    clearInterval(timer);
    exceeded();
  }, PERIOD);
  return () => clearInterval(timer);
}

function residentBytes(processId: number): number | undefined {
  try {
    const pages = Deno.readTextFileSync(`/proc/${processId}/statm`).split(" ")[1];
    return Number(pages) * PAGE;
  } catch {
    return undefined; // it has ended, or this process may not look: nobody to watch
  }
}
