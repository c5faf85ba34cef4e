/** Opens a session with the option `symbols`, and starts nothing. */
import { DebugSession } from "../../../mod.ts";

await using _session = new DebugSession({ symbols: { servers: ["http://127.0.0.1:9"], cache: "symbols" } });
