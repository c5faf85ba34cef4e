import { join } from "node:path";
import { quote } from "./relocate.ts";
import { IDLE_SECONDS, KEPT_BACK, LET_THROUGH, ownVariables, type Wine } from "./wine.ts";

/** Where the script that runs Windows' Deno lies: what a session on Linux starts when LATCH_HOST names nothing else. */
export function wrapperPath(cache: string, prefix: number = 1): string {
  return join(cache, prefix === 1 ? "windows-deno" : `windows-deno-${prefix}`);
}

/** Writes that script unless it is there already: whole or not at all, for others may be about to start it. */
export async function writeWrapper(path: string, wine: Wine, deno: string): Promise<void> {
  const text = wrapperScript(wine, deno);
  if (await Deno.readTextFile(path).catch(() => "") === text) return;
  const part = `${path}.${Deno.pid}.part`;
  await Deno.writeTextFile(part, text, { mode: 0o755 });
  await Deno.rename(part, path);
}

/**
 * The script's text, for any POSIX shell. Whoever wakes Wine's server does it with nothing of the caller's open, as `wakeWine` tells, nor of the
 * caller's variables, and one at a time where there is `flock`; Deno itself then takes the script's place, so that pipes and signals are its own.
 */
export function wrapperScript(wine: Wine, deno: string): string {
  const own = Object.entries(ownVariables(wine)).map(([name, value]) => `${name}=${quote(value)}`);
  const loader = quote(wine.loader);
  // A line of a variable with several may look like a variable: to unset one that is not there does no harm.
  return `#!/bin/sh
# Runs Windows' Deno under Wine, with the debugger engine in reach. Written by Latch, which writes it anew as needed.
unset $(env | sed -nE '/^(${LET_THROUGH})=/d; s/^(${KEPT_BACK})=.*/\\1/p')
export WINEDEBUG="\${WINEDEBUG:--all}"
cleanly() { env -i PATH="$PATH" WINEDEBUG="$WINEDEBUG" ${own.join(" ")} "$@"; }
{
  if command -v flock; then flock 9; fi
  if cleanly ${quote(wine.server)} -p${IDLE_SECONDS} 9>&-; then cleanly ${loader} cmd.exe /c exit 9>&-; fi
} </dev/null >/dev/null 2>&1 9>${quote(`${wine.prefix}/latch.lock`)}
export ${own.join(" ")}
exec ${loader} ${quote(deno)} "$@"
`;
}
