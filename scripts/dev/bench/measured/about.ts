/**
 * Says which Deno and which engine are measured. One JSON object on stdout.
 * Run by bench.ts inside the host: `about.ts ENGINE`
 * @module
 */
import { loadEngine } from "../../../../lib/dbgeng/thread/library.ts";

const { version, architecture } = loadEngine(Deno.args[0]).info;
console.log(JSON.stringify({ deno: Deno.version.deno, v8: Deno.version.v8, engine: version, architecture }));
