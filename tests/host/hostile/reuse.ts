/** Attaches to process 7, which the list of processes calls app.exe, and uses it whatever comes of that. */
import { big, RawClient } from "./raw.ts";

const raw = new RawClient();

async function tried(name: string, ...calls: readonly (readonly [string, ...unknown[]])[]): Promise<void> {
  try {
    for (const [call, ...values] of calls) await raw.call(call, ...values);
    console.log(`DONE ${name}`);
  } catch (error) {
    console.log(`HELD ${name}: ${error instanceof Error ? error.name : error}`);
  }
}

await tried("attach", ["open", {}], ["attach", { server: big(0), processId: 7 }], ["run", "go"]);
await tried("read", ["read", { processId: 7 }, big(0x10000), 16]);
await tried("execute", ["execute", { processId: 7 }, "lm"]);
Deno.exit(0);
