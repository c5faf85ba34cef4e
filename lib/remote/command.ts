import type { EngineConnection } from "../dbgeng/engine_api.ts";
import { within } from "../session/abort.ts";
import { EngineError } from "../session/errors.ts";
import { failedConnection, type HostDescription, RemoteConnection } from "./remote_connection.ts";

/** So much of what a host printed is kept for the error that tells of its end. */
const TAIL = 2_000;

/** Exit code with which a shell says that there is no such program. */
export const NO_PROGRAM = 127;

/** How long nothing must come of what a host printed until that is all, in milliseconds, once the host has ended; and how much may come. */
const REST = 50;
const MOST_REST = 1 << 20;

/** In milliseconds. */
const A_DAY = 86_400_000;

/** Takes what a host prints, and what programs print there. Where it gives a promise, they have to wait for it when they print more. */
export type TakeText = (bytes: Uint8Array<ArrayBuffer>) => void | Promise<void>;

/**
 * Starts a host's command, which serves an engine over its standard streams. Requires `--allow-run`.
 * @param onText Takes what it prints beside its messages, and what launched programs print.
 * @param onTextEnd Is called when all of that was taken.
 */
export function connectCommand(
  command: readonly string[],
  name = `host "${command[0] ?? ""}"`,
  onText: TakeText = () => {},
  onTextEnd: () => void = () => {},
): EngineConnection {
  const [program = "", ...args] = command;
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, { args, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  } catch (error) {
    onTextEnd();
    return failedConnection(startFailure(name, program, error));
  }
  const stay = stayFor(child);
  const tail = new Tail();
  const take: TakeText = (bytes) => {
    tail.add(bytes);
    return onText(bytes);
  };
  // Who takes it may fail: then nobody reads on, which is how programs learn of that.
  const errors = follow(child.stderr, take, child.status).catch(() => {}).finally(onTextEnd);
  const ended: HostDescription["ended"] = child.status.then(async ({ code, signal }) => {
    await within(REST, errors);
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
    ref: stay.want,
    leave(isGreeted): void {
      stay.end(); // the script need not wait for its end
      if (!isGreeted) endNow(child);
    },
    onText: take,
  });
}

/**
 * Keeps the script while its host is there. Not by the child itself: Deno kills one that keeps the script when an error ends that, and nobody
 * would let its programs go.
 */
function stayFor(child: Deno.ChildProcess): { want(isNeeded: boolean): void; end(): void } {
  child.unref();
  const timer = setInterval(() => {}, A_DAY) as unknown as number;
  const end = (): void => clearInterval(timer);
  child.status.finally(end);
  return { want: (isNeeded) => isNeeded ? Deno.refTimer(timer) : Deno.unrefTimer(timer), end };
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

/**
 * Hands on what a host prints, a piece when the last one was taken. What is left when it has ended as well; but others may hold its stream
 * open, for good: a program of Wine's that the host was the first to need, or one that was let go and prints on.
 */
async function follow(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  take: TakeText,
  ended: Promise<unknown>,
): Promise<void> {
  const reader = stream.getReader();
  let [isOver, isReading, left] = [false, false, MOST_REST];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = (): void => void (timer = setTimeout(() => void reader.cancel(), REST));
  ended.then(() => {
    isOver = true;
    if (isReading) limit();
  });
  try {
    while (left > 0) {
      if (isOver) limit();
      isReading = true;
      const { value } = await reader.read();
      isReading = false;
      clearTimeout(timer);
      if (!value) break;
      if (isOver) left -= value.length;
      await take(value);
    }
  } finally {
    await reader.cancel();
  }
}
