/**
 * The host of a session on this machine; on Linux it is Windows' Deno under Wine.
 * @module
 */

/**
 * Starts the program that LATCH_HOST names, or the one that the preparation of the Wine host has made. A shell looks for it, so that
 * the script needs no right to read the environment; and the host gets a session of its own, away from the terminal's Ctrl-C: it
 * lets the programs go when its client has gone, and not before.
 */
const START = `
host="\${LATCH_HOST:-\${LATCH_CACHE:-\${XDG_CACHE_HOME:-$HOME/.cache}/latch}/windows-deno}"
if [ ! -x "$host" ]; then
  echo "there is no Wine host at $host; make one with 'latch engine fetch', or name one with LATCH_HOST" >&2
  exit 127
fi
if command -v setsid >/dev/null; then exec setsid "$host" "$@"; fi
exec "$host" "$@"
`;

/** The command that runs Windows' Deno under Wine with arguments of its own. */
export function wineDeno(args: readonly string[]): readonly string[] {
  return ["sh", "-c", START, "latch-host", ...args];
}

/** The command that serves an engine of this machine over its standard streams: under Wine where there is no Windows. */
export function hostCommand(): readonly string[] {
  const entry = new URL("../generated/host.js", import.meta.url);
  const args = ["run", "--allow-ffi", "--no-prompt", "--no-config"];
  return isWine ? wineDeno([...args, wineUrl(entry)]) : [Deno.execPath(), ...args, entry.href];
}

/** Whether the engine of this machine lives under Wine. */
export const isWine = Deno.build.os === "linux";

/** Where Windows' Deno finds a module: Wine shows the root of Linux as drive Z. */
export function wineUrl({ href }: URL): string {
  return href.replace(/^file:\/\/\//, "file:///Z:/");
}
