import type { EngineConnection } from "../dbgeng/engine_api.ts";
import { FrameReader } from "../remote/framing.ts";
import { ReopeningConnection } from "../remote/reopening_connection.ts";
import { serveEngine, TOO_MUCH } from "../remote/serve.ts";
import { within } from "../session/abort.ts";
import { type ChildPlan, scriptCommand } from "./child.ts";
import { GuardedConnection } from "./guard.ts";
import { OwnHosts } from "./hosts.ts";
import { checkImports, scriptUrl } from "./imports.ts";
import { watchMemory } from "./memory.ts";
import { Output, type OutputSink, type OutputStream } from "./output.ts";
import { Permissions, type Prompter } from "./permissions.ts";
import { parseRights, type Rights } from "./rights.ts";
import { quoted } from "./visible.ts";
import { after, requireTime } from "../session/time.ts";

/** How to run a script confined. */
export interface RunScriptOptions {
  /** Flags that grant and deny, in Deno's manner: `--allow-attach=app.exe`. @default {none} */
  readonly rights?: readonly string[];
  /** The script's own arguments: its `Deno.args`. */
  readonly args?: readonly string[];
  /** Milliseconds after which it is ended. @default {none} */
  readonly deadline?: number;
  /** Milliseconds that it may leave its host without a sign of life while it holds programs; then it is ended. @default {30000} */
  readonly silence?: number;
  /** Ends it. */
  readonly signal?: AbortSignal;
  /** Asked about rights that were neither granted nor denied. Without it they are refused. */
  readonly prompter?: Prompter;
  /** Takes what the script prints, cleaned of terminal control. @default {this process's own output} */
  readonly output?: { readonly stdout: OutputSink; readonly stderr: OutputSink };
  /** Holds the script's output back, for a prompter. */
  readonly gate?: Output;
  /** Megabytes of memory that the script's process may take. @default {1024} */
  readonly memory?: number;
  /**
   * Whether modules of servers are fetched anew although they are in Deno's cache, as by `deno run --reload`; or which: those at these URLs, and
   * below. What only an import names whose address is worked out while the script runs stays as it is there. @default {false}
   */
  readonly reload?: boolean | readonly string[];
  /** Opens the engine, once the script wants it. @default {this machine's, or the Wine host} */
  readonly connect?: () => EngineConnection;
}

/**
 * Why a confined script ended: `protocol` is for messages that Latch does not send, `flood` for calls that wait and are more than this
 * process keeps (256, or 32 MB), `silent` for loops that hold programs.
 */
export type ScriptEnd = "exited" | "deadline" | "aborted" | "memory" | "protocol" | "flood" | "silent";

/** What came of a script. */
export interface ScriptResult {
  /** Its exit code; 124 after the deadline, 130 when it was aborted, 137 when it took or asked for too much, broke the protocol or was silent. */
  readonly code: number;
  /** Why it ended. */
  readonly reason: ScriptEnd;
}

const CODES: Readonly<Record<Exclude<ScriptEnd, "exited">, number>> = {
  deadline: 124,
  aborted: 130,
  memory: 137,
  protocol: 137,
  flood: 137,
  silent: 137,
};

/** Megabytes of JavaScript's own memory in a script's process, at most. */
const HEAP = 512;

/** How long a script that holds programs may leave its host without a sign of life, in milliseconds. */
const SILENCE = 30_000;

/** How long what was printed may take to come out, in milliseconds, when the script was ended before its time. */
const LAST_WORDS = 500;

/** How long programs may take to be let go once the script has ended, in milliseconds. */
const LEAVES = 15_000;

/**
 * Runs a script confined: in a process of its own with no right but those given, all debugging by messages that are checked
 * here. When it ends, in whatever way, its programs are let go as they came. Requires `--allow-run`, `--allow-read`, `--allow-env`, and
 * `--allow-ffi` on Windows.
 * @throws {TypeError} for a flag that is none, and for a script that imports what it must not.
 * @throws {RangeError} for a time or a size that is none.
 */
export async function runScript(script: string | URL, options: RunScriptOptions = {}): Promise<ScriptResult> {
  const { args = [], memory = 1024, signal, reload = false } = options;
  for (const name of ["deadline", "silence"] as const) {
    if (options[name] !== undefined) requireTime(name, options[name]);
  }
  requireMegabytes(memory);
  requireReload(reload);
  signal?.throwIfAborted();
  const rights = parseRights(options.rights ?? []);
  const noColor = Deno.noColor || !Deno.stderr.isTerminal();
  const heap = Math.floor(Math.min(HEAP, memory));
  const plan = { script: scriptUrl(script), args, rights, heap, noColor, reload };
  await checkImports(plan);
  return await new Run(plan, rights, options).result;
}

function requireMegabytes(memory: unknown): void {
  if (typeof memory !== "number") throw new TypeError(`Cannot use the option memory: ${typeof memory} is no number`);
  if (!(memory >= 1)) throw new RangeError(`Cannot use a memory of ${memory} MB: it must be at least 1`);
}

function requireReload(reload: unknown): void {
  if (typeof reload === "boolean") return;
  const urls: readonly unknown[] = Array.isArray(reload) ? reload : [reload];
  const fault = urls.find((url) => typeof url !== "string" || url.includes(",") || !URL.canParse(url));
  if (fault === undefined) return;
  throw new TypeError(
    `Cannot use the option reload: ${quoted(`${fault}`)} is no URL of a module, or of a folder of them`,
  );
}

type Bytes = Uint8Array<ArrayBuffer>;

/** One run of a script. */
class Run {
  readonly result: Promise<ScriptResult>;
  readonly #child: Deno.ChildProcess;
  readonly #permissions: Permissions;
  readonly #options: RunScriptOptions;
  /** What the script has to say to the engine; the rest of its output is for people. */
  readonly #messages = new TransformStream<Bytes, Bytes>(
    undefined,
    undefined,
    new CountQueuingStrategy({ highWaterMark: 16 }),
  );
  readonly #served: Promise<void>;
  readonly #hosts: OwnHosts;
  readonly #ended = new AbortController();
  readonly #gate = new Output();
  readonly #over = Promise.withResolvers<void>();
  #reason: ScriptEnd = "exited";
  /** How many pieces of its output are on their way out, where somebody may let them wait: a pager, a question. */
  #printing = 0;
  /** What came of handing the script's output on, if that failed. */
  #outputFault: unknown;

  constructor(plan: ChildPlan, rights: Rights, options: RunScriptOptions) {
    this.#permissions = new Permissions(rights, options.prompter && this.#whileRunning(options.prompter));
    this.#options = options;
    const { gate = this.#gate, output = ownOutput } = options;
    this.#hosts = new OwnHosts(gate.stream(output.stderr));
    this.#child = scriptCommand(plan).spawn();
    this.#served = this.#serve();
    this.result = this.#run();
  }

  async #run(): Promise<ScriptResult> {
    const { deadline = Infinity, signal, memory = 1024, gate = this.#gate, output = ownOutput } = this.#options;
    const stopDeadline = after(deadline, () => this.#end("deadline"));
    const abort = (): void => this.#end("aborted");
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted) abort();
    const unwatch = watchMemory(this.#child.pid, memory, () => this.#end("memory"));
    try {
      const streams = [
        this.#readMessages(gate.stream(output.stdout)),
        pass(this.#child.stderr, gate.stream(output.stderr)),
      ].map((stream) => stream.catch((error: unknown) => this.#failOutput(error)));
      const { code } = await this.#child.status;
      await this.#leave();
      gate.release(); // a question that was open is not any more
      const printed = Promise.all([...streams, this.#hosts.printed()]);
      if (this.#reason === "exited") await printed;
      else await within(LAST_WORDS, printed); // whoever reads slowly is not waited for
      if (this.#outputFault !== undefined) throw this.#outputFault;
      return { code: this.#reason === "exited" ? code : CODES[this.#reason], reason: this.#reason };
    } finally {
      stopDeadline();
      unwatch();
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Nobody takes what the script prints any more: as with any program, that is its end. */
  #failOutput(error: unknown): void {
    this.#outputFault ??= error;
    this.#ended.abort();
    this.#end("aborted");
  }

  /** A question that is open when the script ends needs no answer any more. */
  #whileRunning(prompter: Prompter): Prompter {
    const over = this.#over.promise.then(() => "deny" as const);
    return { ask: (question) => Promise.race([prompter.ask(question), over]) };
  }

  #end(reason: ScriptEnd): void {
    if (this.#reason !== "exited") return;
    this.#reason = reason;
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended by itself
      this.#reason = "exited";
    }
  }

  /** Ends it where nobody serves it any more: then its process may have ended itself before. */
  #endAfter(reason: ScriptEnd): void {
    this.#end(reason);
    if (this.#reason === "exited") this.#reason = reason;
  }

  /** What a script prints stands between its messages. */
  async #readMessages(out: OutputStream): Promise<void> {
    const reader = new FrameReader();
    const writer = this.#messages.writable.getWriter();
    writer.closed.catch(() => {});
    try {
      for await (const bytes of this.#child.stdout) {
        for (const piece of reader.read(bytes)) {
          if ("text" in piece) await this.#print(out, piece.text);
          else await writer.write(piece.frame).catch(() => {}); // nobody listens any more
        }
      }
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // a message that is none
      this.#end("protocol");
    }
    await out.end();
    await writer.close().catch(() => {});
  }

  async #print(out: OutputStream, text: Bytes): Promise<void> {
    this.#printing++;
    await out.write(text).finally(() => this.#printing--);
  }

  async #serve(): Promise<void> {
    const { connect, silence = SILENCE } = this.#options;
    const open = connect ?? ((): EngineConnection => this.#hosts.open());
    const protectedIds = Deno.build.os === "windows" ? [Deno.pid, this.#child.pid] : [];
    // Two of them: a new session has a guard of its own, and an engine is there only for calls that the guard lets pass.
    const guard = (): GuardedConnection =>
      new GuardedConnection(new ReopeningConnection(open), this.#permissions, { protectedIds });
    const channel = { readable: this.#messages.readable, writable: this.#child.stdin };
    const excuse = (): boolean => this.#printing > 0;
    const limits = { signal: this.#ended.signal, silence, excuse };
    const reason = await serveEngine(channel, new ReopeningConnection(guard), limits);
    if (/^it was silent/.test(reason)) this.#endAfter("silent");
    if (reason.startsWith(TOO_MUCH)) this.#endAfter("flood");
    if (/^it (?:sent|speaks)/.test(reason)) this.#endAfter("protocol");
  }

  /** The script has ended: its programs are let go before anybody is told. */
  async #leave(): Promise<void> {
    this.#over.resolve();
    this.#ended.abort();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, LEAVES);
    await Promise.race([this.#served, promise]);
    clearTimeout(timer);
  }
}

async function pass(stream: ReadableStream<Uint8Array<ArrayBuffer>>, out: OutputStream): Promise<void> {
  for await (const bytes of stream) await out.write(bytes);
  await out.end();
}

async function write(to: { write(bytes: Uint8Array): Promise<number> }, text: string): Promise<void> {
  for (let rest: Uint8Array = new TextEncoder().encode(text); rest.length > 0;) {
    rest = rest.subarray(await to.write(rest));
  }
}

const ownOutput: NonNullable<RunScriptOptions["output"]> = {
  stdout: (text) => write(Deno.stdout, text),
  stderr: (text) => write(Deno.stderr, text),
};
