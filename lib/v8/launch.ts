import type { LaunchInput, LaunchRequest } from "../session/contract.ts";
import { AttachError } from "../session/errors.ts";
import { Feeding, type InputSink } from "../session/input.ts";
import { inspectedCommand } from "./command_line.ts";
import { listTargets } from "./discovery.ts";
import { permissionError } from "./permission.ts";
import type { InspectorTarget } from "./protocol.ts";
import { within } from "./time.ts";

/** How long to wait between two looks for the inspector of a program that starts. */
const LOOK_MILLISECONDS = 30;

/** A program that we launched. Its streams are our own, so that it can live on without us, but for an input that it is given. */
export class RunningChild {
  readonly processId: number;
  readonly #child: Deno.ChildProcess;
  readonly #status: Promise<Deno.CommandStatus>;
  #hasEnded = false;

  /** Takes over a child, which reads `input`. */
  constructor(child: Deno.ChildProcess, input: LaunchInput | undefined) {
    this.#child = child;
    this.processId = child.pid;
    const feeding = input && new Feeding(input.source, sinkOf(child.stdin), input.onError);
    this.#status = child.status.then((status) => {
      this.#hasEnded = true;
      feeding?.stop();
      return status;
    });
  }

  /** How it ended; without a time limit for as long as that takes. */
  async endedWithin(milliseconds?: number): Promise<Deno.CommandStatus | undefined> {
    return await (milliseconds === undefined ? this.#status : within(this.#status, milliseconds));
  }

  /** Ends it at once. */
  kill(): void {
    if (this.#hasEnded) return;
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has just ended.
    }
  }

  /** Our own process does not wait for it any more. */
  leave(): void {
    this.#child.unref();
  }
}

function sinkOf(stream: WritableStream<Uint8Array<ArrayBuffer>>): InputSink {
  const writer = stream.getWriter();
  return {
    write: (bytes) => writer.write(bytes).then(() => true, () => false),
    close: () => void writer.close().catch(() => {}), // closed already where the program has gone
  };
}

/** A program that waits for its debugger. */
export interface Launched {
  readonly child: RunningChild;
  readonly target: InspectorTarget;
}

/**
 * Starts a program so that it waits for its debugger.
 * The port is chosen here, since the program would tell its own choice by its error output only: that would have to be a pipe,
 * and a program that is let go must not lose its output.
 */
export async function launchProgram(request: LaunchRequest): Promise<Launched> {
  const address = `127.0.0.1:${freePort()}`;
  const child = spawn(request, inspectedCommand(request.command, address));
  try {
    for (;;) {
      const target = (await listTargets(address).catch(passRefusal))[0];
      if (target) return { child, target };
      const status = await child.endedWithin(LOOK_MILLISECONDS);
      if (status) throw endedEarly(status.code);
    }
  } catch (error) {
    child.kill();
    await child.endedWithin();
    throw error;
  }
}

/** Nobody listens there yet. */
function passRefusal(error: unknown): InspectorTarget[] {
  if (error instanceof AttachError) return [];
  throw error;
}

function freePort(): number {
  try {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    return listener.addr.port;
  } catch (error) {
    throw permissionError(error, "Cannot launch a program with an inspector", "--allow-net") ?? error;
  }
}

function spawn(request: LaunchRequest, [program, ...args]: [string, ...string[]]): RunningChild {
  const { directory, clearEnvironment, input } = request;
  const env = Object.fromEntries(request.environment.map((line) => splitOnce(line)));
  const folder = directory === null ? {} : { cwd: directory };
  try {
    const command = new Deno.Command(program, {
      args,
      env,
      clearEnv: clearEnvironment,
      stdin: input ? "piped" : "inherit",
      stdout: "inherit",
      stderr: "inherit",
      ...folder,
    });
    return new RunningChild(command.spawn(), input);
  } catch (error) {
    throw spawnError(error, program);
  }
}

function spawnError(error: unknown, program: string): unknown {
  const what = `Cannot launch ${program}`;
  if (error instanceof Deno.errors.NotFound) {
    const missing = /cwd/i.test(error.message) ? "its working folder does not exist" : "there is no such program";
    return new AttachError("not-found", `${what}: ${missing}; give the path of one that is there`);
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return new AttachError("access-denied", `${what}: the system denies access; check that it may be executed`);
  }
  return permissionError(error, what, "--allow-run") ?? error;
}

function splitOnce(line: string): [string, string] {
  // Windows keeps variables such as `=C:`, whose name begins with the sign.
  const index = line.indexOf("=", 1);
  return index < 0 ? [line, ""] : [line.slice(0, index), line.slice(index + 1)];
}

function endedEarly(code: number): AttachError {
  return new AttachError(
    "exited",
    `Cannot launch the program: it ended with exit code ${code} before it could be debugged; see its error output`,
  );
}
