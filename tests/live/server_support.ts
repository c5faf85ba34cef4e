/** Process servers in processes of their own, and programs to attach to through them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { startScript } from "./child_script.ts";
import { debuggee } from "./support.ts";

/** Serves until it is told on the command line to stop, which is after some milliseconds, or until a client ends it. */
const SERVE = `
const [options, milliseconds] = Deno.args;
const signal = milliseconds ? AbortSignal.timeout(Number(milliseconds)) : undefined;
try {
  await using server = await latch.startProcessServer(options, { engine, signal });
  console.log("serving");
  await server.ended;
  console.log("ended");
} catch (error) {
  console.log(error.kind);
}`;

/** A process server in a process of its own; disposal ends it. */
export interface Server extends Disposable {
  readonly port: number;
  /** What a client connects with. */
  readonly address: string;
  /** The next line that the server's script prints. */
  next(): Promise<string | undefined>;
  kill(): Promise<void>;
}

/** Starts a server in a process of its own, on a port that is free. */
export async function serve(...args: string[]): Promise<Server> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 40_000);
    const script = startScript(SERVE, { args: [`tcp:port=${port}`, ...args] });
    const next = lines(script.child.stdout);
    const first = await next();
    const kill = async (): Promise<void> => {
      script.child.kill("SIGKILL");
      await script.child.status;
    };
    const server = { port, address: `tcp:server=127.0.0.1,port=${port}`, next, kill };
    if (first === "serving") return { ...server, [Symbol.dispose]: () => script[Symbol.dispose]() };
    script[Symbol.dispose]();
    assert.equal(first, "address-in-use");
  }
}

/** Reads one line after another; undefined at the end. */
export function lines(stream: ReadableStream<Uint8Array<ArrayBuffer>>): () => Promise<string | undefined> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return async () => {
    while (!text.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) return undefined;
      text += value;
    }
    const [line = "", ...rest] = text.split("\n");
    text = rest.join("\n");
    return line.trim();
  };
}

/** A program that beats into a file until it is disposed of; it is the only one of its name. */
export function heartbeat(
  folder: string,
): { readonly name: string; readonly pid: number; beats(): number } & Disposable {
  const name = `beat-${crypto.randomUUID().slice(0, 8)}.exe`;
  Deno.copyFileSync(debuggee("heartbeat.exe"), join(folder, name));
  const file = join(folder, "beats");
  const child = new Deno.Command(join(folder, name), { args: [file, "10"], stdin: "null" }).spawn();
  const beats = (): number => {
    try {
      return Number.parseInt(Deno.readTextFileSync(file)) || 0;
    } catch {
      return 0;
    }
  };
  return { name, pid: child.pid, beats, [Symbol.dispose]: () => child.kill("SIGKILL") };
}

/** Ends what a killed server has left behind, unless Windows did. */
export function endProcess(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof TypeError)) throw error;
  }
}
