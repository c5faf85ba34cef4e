/** Attaches, and is gone before the program has come up. */
import { big, RawClient } from "./raw.ts";

const raw = new RawClient();
await raw.call("open", {});
const [process] = JSON.parse(await raw.call("processes", big(0)) as string) as { processId: number }[];
await raw.call("attach", { server: big(0), processId: process?.processId });
Deno.exit(0);
