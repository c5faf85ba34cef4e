import type { AttachCall, AttachReason, AttachRequest, DebugEngine, EngineReport, PortProgram } from "./contract.ts";
import { EngineError } from "./errors.ts";
import type { Runner } from "./runner.ts";
import type { Runners } from "./runners.ts";

/** What the choice of a way needs of the session. */
export interface AttachHost {
  readonly runners: Runners;
  /** Tells one session from another. */
  readonly cookie: symbol;
  load(engineId: string): Promise<DebugEngine>;
}

/**
 * Attaches by the first of three ways that there is: the program's own engine (`onAttach` of its node), its port, the engine
 * that its node names, loaded if need be.
 * See https://learn.microsoft.com/visualstudio/extensibility/debugger/attaching-to-the-program
 */
export async function attachProgram(
  program: PortProgram,
  reason: AttachReason,
  request: AttachRequest,
  host: AttachHost,
): Promise<void> {
  const { runners, cookie } = host;
  const { id, node } = program;
  let runner: Runner | undefined;
  const use = (engine: DebugEngine): Runner => {
    runner = runners.of(engine);
    if (runners.execution.opening?.programId === id) runners.execution.opening.engine = engine;
    return runner;
  };
  const load = async (): Promise<DebugEngine> => {
    runners.trace.add("call", "load", id, node.engineId);
    const engine = await host.load(node.engineId);
    use(engine);
    return engine;
  };
  const callback = async (report: EngineReport): ReturnType<AttachCall["callback"]> => {
    const told = report.type === "engineCreate" ? use(report.engine) : runner;
    if (told) return await told.report(report);
    const message =
      `The engine "${node.engineId}" broke the order of events: ${report.type}: it came before engineCreate`;
    throw new EngineError("defect", message);
  };
  const requireEngine = (): void => {
    if (runner) return;
    const message = `The engine "${node.engineId}" broke the order of events: it attached without engineCreate`;
    throw new EngineError("defect", message);
  };
  const call: AttachCall = { callback, reason, request };
  if (node.onAttach) {
    runners.trace.add("call", "onAttach", id);
    if (await node.onAttach(id, call) === "attached") return requireEngine();
  }
  if (program.attach) {
    runners.trace.add("call", "port.attach", id);
    await program.attach(cookie, load, call);
    return requireEngine();
  }
  const engine = await load();
  runners.trace.add("call", "engine.attach", id);
  await engine.attach(program, call);
}
