/** Windows programs for the suite that every engine runs. */
import { dirname } from "node:path";
import { DebugSession, type DebugSessionOptions } from "../../mod.ts";
import type { EngineFixture, Target } from "../conformance/scene.ts";
import type { Server } from "./server_support.ts";
import { debuggee, engineFolder, keepEngine } from "./support.ts";
import { processExists } from "./toolhelp_support.ts";

keepEngine();

function startTarget(file: string): Target {
  const args = ["lives", file];
  const child = new Deno.Command(debuggee("conform.exe"), { args, stdin: "null", stdout: "null", stderr: "null" })
    .spawn();
  let running = true;
  child.status.then(() => running = false);
  const kill = async (): Promise<void> => {
    if (running) child.kill("SIGKILL");
    await child.status;
  };
  return { processId: child.pid, kill };
}

function dbgengFixture(name: string, options: DebugSessionOptions, serverAddress?: () => string): EngineFixture {
  return {
    name,
    engineId: "dbgeng",
    architecture: "x64",
    get address() {
      return serverAddress?.();
    },
    openSession: (more) => new DebugSession({ engine: engineFolder(), ...options, ...more }),
    command: (mode, file) => [debuggee("conform.exe"), mode, file],
    missing: ["C:\\nowhere\\conform.exe"],
    start: (file) => Promise.resolve(startTarget(file)),
    isAlive: processExists,
    programName: "conform.exe",
    moduleName: "plugin",
    exceptionName: "0xE0001234",
    can: { attachedExitCodes: true, memory: true, abandon: true },
  };
}

/** The engine on this machine. */
export function localFixture(hosting: "worker" | "inline"): EngineFixture {
  return dbgengFixture(hosting, { hosting });
}

/** The engine through a process server: it looks for symbols on its own side only. */
export function serverFixture(server: () => Server | undefined): EngineFixture {
  const symbolPath = dirname(debuggee("conform.exe"));
  return dbgengFixture("process server", { symbolPath }, () => server()?.address ?? "");
}
