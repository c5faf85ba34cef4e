/** Node and Deno programs for the suite that every engine runs. */
import { DebugSession } from "../../mod.ts";
import type { EngineFixture, Target } from "../conformance/scene.ts";
import { command, end, freeAddress, inspected, isAlive, type Runtime, start, untilListening } from "./support.ts";

async function startTarget(runtime: Runtime, file: string): Promise<Target> {
  const address = freeAddress();
  const child = start(inspected(runtime, `--inspect=${address}`, "conform.mjs", "lives", file));
  await untilListening(address);
  return { processId: child.pid, address, kill: () => end(child) };
}

/** The programs of one runtime. */
export function runtimeFixture(runtime: Runtime): EngineFixture {
  return {
    name: runtime,
    engineId: "v8",
    architecture: Deno.build.arch === "aarch64" ? "arm64" : "x64",
    address: "v8",
    openSession: (options) => new DebugSession(options),
    command: (mode, file) => command(runtime, "conform.mjs", mode, file),
    missing: [`/nowhere/${runtime}`, "run", "x.mjs"],
    start: (file) => startTarget(runtime, file),
    isAlive,
    programName: "conform.mjs",
    moduleName: "late.mjs",
    exceptionName: "RangeError",
    can: { attachedExitCodes: false, memory: false, abandon: false },
  };
}
