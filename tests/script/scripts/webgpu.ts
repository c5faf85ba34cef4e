/** Asks for a WebGPU adapter wherever one may be had, and tries to have Deno look for one again. */
import process from "node:process";
import { Worker as NodeWorker } from "node:worker_threads";

const GPU = "DENO_WEBGPU_BACKEND";

async function tell(name: string, act: () => unknown): Promise<void> {
  try {
    console.log(`${name}: ${await act()}`);
  } catch (error) {
    console.log(`${name}: ${error instanceof Error ? error.name : error}`);
  }
}

// The types of Deno's own `navigator.gpu` are not there without a flag.
const adapter = async (): Promise<string> =>
  await Reflect.get(navigator, "gpu").requestAdapter() === null ? "none" : "an adapter";

const asked = (post: string): string =>
  `navigator.gpu.requestAdapter().then((found) => ${post}(found === null ? "none" : "an adapter"))`;

async function inWorker(): Promise<unknown> {
  const worker = new Worker(`data:text/javascript,${encodeURIComponent(asked("postMessage"))}`, { type: "module" });
  const told = await new Promise((resolve) => worker.onmessage = ({ data }) => resolve(data));
  worker.terminate();
  return told;
}

async function inNodeWorker(): Promise<unknown> {
  const code = asked('require("node:worker_threads").parentPort.postMessage');
  const worker = new NodeWorker(code, { eval: true, env: { [GPU]: "gl,vulkan,dx12" } });
  const told = await new Promise((resolve) => worker.on("message", resolve));
  await worker.terminate();
  return told;
}

const ways: Readonly<Record<string, () => void>> = {
  "Deno.env.set": () => Deno.env.set(GPU, "gl,vulkan,dx12"),
  "Deno.env.delete": () => Deno.env.delete(GPU),
  "process.env": () => void (process.env[GPU] = "gl,vulkan,dx12"),
  "delete process.env": () => void delete process.env[GPU],
};

await tell("at first", adapter);
for (const [name, change] of Object.entries(ways)) await tell(name, change);
await tell("afterwards", adapter);
await tell("worker", inWorker);
await tell("node worker", inNodeWorker);
Deno.exit(0);
