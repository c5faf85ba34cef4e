import type { Port } from "../session/contract.ts";
import type { AttachOptions, ConnectOptions, LaunchOptions } from "../session/options.ts";
import type { Program } from "../session/program.ts";
import type { AttachTarget } from "../session/target.ts";
import { called } from "./calls.ts";
import { DebugSession, type DebugSessionOptions } from "./debug_session.ts";

/**
 * Attaches to a process in a session of its own, which ends when the program is disposed: it runs on.
 * See {@linkcode DebugSession.attach}. Requires `--allow-ffi`.
 *
 * @param target Process id, or the file name of its image.
 * @param options How to attach, handlers, and options of the session.
 * @throws {AttachError} `kind` says why.
 *
 * @example Print what a process loads from now on
 * ```ts
 * import { attach } from "@latch/latch";
 *
 * await using program = await attach(4242);
 * for await (const event of program.events()) console.log(event.type);
 * ```
 */
export async function attach(
  target: AttachTarget,
  options: AttachOptions & DebugSessionOptions = {},
): Promise<Program> {
  return await called(attach, () => openProgram(options, (session) => session.attach(target, options)));
}

/**
 * Launches a program in a session of its own, which ends when the program is disposed: it is terminated.
 * See {@linkcode DebugSession.launch}. Requires `--allow-ffi`.
 *
 * @param command Arguments, quoted for Windows; or the command line as one string.
 * @param options How to launch, handlers, and options of the session.
 * @throws {AttachError} `kind` says why.
 *
 * @example Print the modules that a program loads
 * ```ts
 * import { launch } from "@latch/latch";
 *
 * await using program = await launch(["app.exe", "--flag"], {
 *   on: { loadModule: (event) => console.log(event.program.pid, event.module.name) },
 * });
 * await program.wait();
 * ```
 */
export async function launch(
  command: string | readonly string[],
  options: LaunchOptions & DebugSessionOptions = {},
): Promise<Program> {
  return await called(launch, () => openProgram(options, (session) => session.launch(command, options)));
}

/** A process server with the session that is connected to it: disposal ends the session and leaves the server running. */
export interface Connection extends AsyncDisposable {
  /** The session, to attach and launch with `{ port }`. */
  readonly session: DebugSession;
  /** What it is connected to. */
  readonly port: Port;
}

/**
 * Connects to a process server in a session of its own. See {@linkcode DebugSession.connect}. Requires `--allow-ffi`.
 *
 * @param remoteOptions What WinDbg's `-premote` takes.
 * @throws {AttachError} kind `server-unreachable`, also when nothing answers within `timeout`.
 *
 * @example List the processes of another machine
 * ```ts
 * import { connect } from "@latch/latch";
 *
 * await using lab = await connect("tcp:server=lab7,port=5005");
 * for (const { processId, name } of await lab.port.processes()) console.log(processId, name);
 * ```
 */
export async function connect(
  remoteOptions: string,
  options: DebugSessionOptions & ConnectOptions = {},
): Promise<Connection> {
  return await called(connect, () => openConnected(remoteOptions, options));
}

async function openConnected(
  remoteOptions: string,
  options: DebugSessionOptions & ConnectOptions,
): Promise<Connection> {
  const session = new DebugSession(options);
  try {
    const port = await session.connect(remoteOptions, options);
    return { session, port, [Symbol.asyncDispose]: () => session[Symbol.asyncDispose]() };
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

async function openProgram(
  options: DebugSessionOptions,
  open: (session: DebugSession) => Promise<Program>,
): Promise<Program> {
  const session = new DebugSession(options);
  try {
    const program = await open(session);
    program.disposeWith(() => session[Symbol.asyncDispose]());
    return program;
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}
