import type { EngineConnection } from "../dbgeng/engine_api.ts";
import { EngineError } from "../session/errors.ts";
import { failedConnection, type HostDescription, RemoteConnection } from "./remote_connection.ts";

/** So much of what a host printed is kept for the error that tells of its end. */
const TAIL = 2_000;

/** Exit code with which a shell says that there is no such program. */
export const NO_PROGRAM = 127;

/**
 * Starts a host's command, which serves an engine over its standard streams. Requires `--allow-run`.
 * @param onText Takes what it prints beside its messages, and what launched programs print.
 */
export function connectCommand(
  command: readonly string[],
  name = `host "${command[0] ?? ""}"`,
  onText: (bytes: Uint8Array<ArrayBuffer>) => void = () => {},
): EngineConnection {
  const [program = "", ...args] = command;
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, { args, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  } catch (error) {
    return failedConnection(startFailure(name, program, error));
  }
  const tail = new Tail();
  const take = (bytes: Uint8Array<ArrayBuffer>): void => {
    tail.add(bytes);
    onText(bytes);
  };
  const gone = new AbortController();
  const errors = follow(child.stderr, take, gone.signal);
  const ended: HostDescription["ended"] = child.status.then(async ({ code, signal }) => {
    // Others may hold its stream open, for good: a program of Wine's that the host was the first to need.
    await Promise.race([errors, new Promise((resolve) => setTimeout(resolve, 50))]);
    gone.abort();
    const how = signal ? `it was ended by ${signal}` : `it ended with code ${code}`;
    return {
      get reason(): string {
        return `${how}${tail.text}`;
      },
      kind: code === NO_PROGRAM ? "not-found" : "failed",
    };
  });
  return new RemoteConnection({ readable: child.stdout, writable: child.stdin }, {
    name,
    ended,
    ref(isNeeded): void {
      if (isNeeded) child.ref();
      else child.unref();
    },
    leave(isGreeted): void {
      child.unref(); // the script need not wait for its end
      if (!isGreeted) endNow(child);
    },
    onText: take,
  });
}

function endNow(child: Deno.ChildProcess): void {
  try {
    child.kill();
  } catch {
    // It has ended by itself.
  }
}

function startFailure(name: string, program: string, error: unknown): EngineError {
  if (error instanceof Deno.errors.NotCapable) {
    const text = `Cannot start the ${name}: it requires run access to "${program}", run again with --allow-run`;
    return new EngineError("permission", text);
  }
  if (error instanceof Deno.errors.NotFound) {
    return new EngineError(
      "not-found",
      `Cannot start the ${name}: there is no program "${program}"; install it or give its path`,
    );
  }
  return new EngineError("failed", `Cannot start the ${name}: ${error instanceof Error ? error.message : error}`);
}

/** The last lines of what a program printed, as the end of a sentence; nothing where it printed none. */
export function lastLines(text: string): string {
  const lines = text.split(/[\r\n]+/).map((line) => line.trim()).filter((line) => line !== "");
  return lines.length === 0 ? "" : `: ${lines.slice(-3).join("; ")}`;
}

/** The last of what a program printed. */
class Tail {
  #text = "";
  readonly #decoder = new TextDecoder();

  /** As the end of a sentence. */
  get text(): string {
    return lastLines(this.#text);
  }

  add(bytes: Uint8Array<ArrayBuffer>): void {
    this.#text = (this.#text + this.#decoder.decode(bytes, { stream: true })).slice(-TAIL);
  }
}

async function follow(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  take: (bytes: Uint8Array<ArrayBuffer>) => void,
  signal: AbortSignal,
): Promise<void> {
  const reader = stream.getReader();
  signal.addEventListener("abort", () => void reader.cancel());
  for (let part = await reader.read(); !part.done; part = await reader.read()) take(part.value);
}
