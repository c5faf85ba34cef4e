import { DebugSession } from "../../mod.ts";
import { testConformance } from "../conformance.ts";
import type { EngineFixture, Target } from "../conformance/scene.ts";
import { serve, type Server } from "./server_support.ts";
import { debuggee, engineFolder, hostings } from "./support.ts";
import { processExists } from "./toolhelp_support.ts";

function startTarget(file: string): Promise<Target> {
  const args = ["lives", file];
  const child = new Deno.Command(debuggee("conform.exe"), { args, stdin: "null", stdout: "null", stderr: "null" })
    .spawn();
  let running = true;
  child.status.then(() => running = false);
  const kill = async (): Promise<void> => {
    if (running) child.kill("SIGKILL");
    await child.status;
  };
  return Promise.resolve({ processId: child.pid, kill });
}

const common: Omit<EngineFixture, "name" | "openSession"> = {
  engineId: "dbgeng",
  command: (mode, file) => [debuggee("conform.exe"), mode, file],
  missing: ["C:\\nowhere\\conform.exe"],
  start: startTarget,
  isAlive: processExists,
  programName: "conform.exe",
  moduleName: "plugin",
  exceptionName: "0xE0001234",
  can: { attachedExitCodes: true, memory: true, abandon: true },
};

for (const hosting of hostings) {
  testConformance({
    ...common,
    name: hosting,
    openSession: (options) => new DebugSession({ hosting, engine: engineFolder(), ...options }),
  });
}

let server: Server | undefined;
Deno.test.beforeAll(async () => void (server = await serve()));
Deno.test.afterAll(() => server?.[Symbol.dispose]());

testConformance({
  ...common,
  name: "process server",
  get address() {
    return server?.address;
  },
  openSession: (options) => new DebugSession({ engine: engineFolder(), ...options }),
});
