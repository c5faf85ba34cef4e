/**
 * A request through the engine's worker and back, beside a worker that only echoes. One JSON object on stdout.
 * Run by bench.ts inside the host: `request.ts ENGINE COUNT`
 * @module
 */
import { InlineConnection } from "../../../../lib/dbgeng/inline_connection.ts";
import { WorkerConnection } from "../../../../lib/dbgeng/worker_connection.ts";

const ECHO = "onmessage = ({ data }) => postMessage(data);";

async function microseconds(count: number, ask: () => Promise<unknown>): Promise<number> {
  for (let index = 0; index < count / 10; index++) await ask();
  const start = performance.now();
  for (let index = 0; index < count; index++) await ask();
  return (performance.now() - start) * 1e3 / count;
}

async function measureEcho(count: number): Promise<number> {
  const url = URL.createObjectURL(new Blob([ECHO], { type: "application/javascript" }));
  const worker = new Worker(url, { type: "module" });
  const ask = (): Promise<unknown> =>
    new Promise((resolve) => {
      worker.onmessage = resolve;
      worker.postMessage({ id: 1, name: "subscribe", values: [[]] });
    });
  const result = await microseconds(count, ask);
  worker.terminate();
  return result;
}

/** `subscribe` is the lightest of the requests: the engine is told a mask. */
async function measureRequest(
  connection: WorkerConnection | InlineConnection,
  engine: string,
  count: number,
): Promise<number> {
  await connection.call("open", { engine });
  const result = await microseconds(count, () => connection.call("subscribe", []));
  await connection.call("close");
  connection.dispose();
  return result;
}

const [engine = "", text = "10000"] = Deno.args;
const count = Number(text);
const echo = await measureEcho(count);
const worker = await measureRequest(new WorkerConnection(), engine, count);
const inline = await measureRequest(new InlineConnection(), engine, count);
console.log(JSON.stringify({ echoUs: echo, workerUs: worker, inlineUs: inline }));
Deno.exit(0);
