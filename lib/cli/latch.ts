#!/usr/bin/env -S deno run -A
/**
 * `latch`, the command line: `deno install -g -A -n latch lib/cli/latch.ts`, then `latch --help`.
 * @module
 */
import { main } from "./main.ts";

if (import.meta.main) {
  await main(Deno.args);
  Deno.exit(); // with the exit code that was set, whatever still is open
}
