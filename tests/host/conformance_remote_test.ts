/** The suite that every engine's tests run, with the engine in the Wine host and the sessions natively here. */
import { DebugSession } from "../../mod.ts";
import { conformanceTests } from "../conformance.ts";
import type { EngineFixture, Target } from "../conformance/scene.ts";
import { prepareNative } from "./native_support.ts";

const { host, debuggee } = await prepareNative();

/** Run by Windows' Deno: starts ARG 0 with the others, prints its process id, and ends it when the input ends. */
const STARTER = `
const [program, ...args] = Deno.args;
const child = new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
console.log(child.pid);
await new Response(Deno.stdin.readable).text();
try {
  child.kill();
} catch {
  // It has ended by itself.
}
await child.status;
`;

async function start(file: string): Promise<Target> {
  const args = ["eval", STARTER, debuggee("conform.exe"), "lives", host.windowsPath(file)];
  const starter = host.command("deno.exe", args, { stdin: "piped", stdout: "piped", stderr: "null" }).spawn();
  const output = starter.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await output.read();
  const kill = async (): Promise<void> => {
    await starter.stdin.close().catch(() => {}); // it may have ended with its program
    await starter.status;
    await output.cancel();
  };
  return { processId: Number(value), kill };
}

/** Asks Windows: process ids of Wine are its own. */
function isAlive(processId: number): boolean {
  const { stdout } = host.command("tasklist.exe", [], { stderr: "null" }).outputSync();
  return new TextDecoder().decode(stdout).split(/\r?\n/).some((line) => line.includes(` ${processId} `));
}

const fixture: EngineFixture = {
  name: "remote",
  engineId: "dbgeng",
  architecture: "x64",
  openSession: (options) => new DebugSession(options),
  command: (mode, file) => [debuggee("conform.exe"), mode, host.windowsPath(file)],
  missing: ["C:\\nowhere\\conform.exe"],
  start,
  isAlive,
  programName: "conform.exe",
  moduleName: "plugin",
  exceptionName: "0xE0001234",
  can: { attachedExitCodes: true, memory: true, abandon: true },
};

for (const { name, fn } of conformanceTests(fixture)) Deno.test(name, fn);
