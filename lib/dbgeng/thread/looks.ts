import type { EngineApi, Focus } from "../engine_api.ts";
import type { DumpType, ReportRequest } from "../../session/engine.ts";
import { EngineError, StateError } from "../../session/errors.ts";
import type { StepKind } from "../../session/status.ts";
import { E_NOINTERFACE, HresultError } from "../../com/hresult.ts";
import { makeReport } from "../../session/thread_report.ts";
import { writeDump } from "./dump.ts";
import { execute } from "./execute.ts";
import * as inspect from "./inspect.ts";
import { addressOf, evaluate } from "./lookups.ts";
import { modules } from "./modules.ts";
import type { EngineObjects } from "./objects.ts";
import type { OpenEngine } from "./open_engine.ts";
import { readWithPage, type Whose } from "./own_pages.ts";
import { position, sourceLines } from "./source_lines.ts";
import { stack } from "./stack.ts";
import { type Name, nameAt } from "./symbols.ts";
import { listThreads } from "./thread_names.ts";
import { userBreakpoints } from "./user_breakpoints.ts";
import * as variables from "./variables.ts";

type Answer<K extends keyof EngineApi> = ReturnType<EngineApi[K]>;

/** What the engine is asked about a stopped program. */
export abstract class ProgramLooks {
  /** @throws {StateError} where it is closed. */
  protected abstract get engine(): OpenEngine;

  /** Makes what one of these methods threw ready for others. */
  abstract failure(error: unknown): unknown;

  /** The objects, with the program and thread in focus: only when a program is there and stopped. */
  protected at(focus: Focus): EngineObjects {
    const { objects, loop } = this.engine;
    if (!loop.isStopped) {
      throw new StateError("no-program", "Cannot look into the program: none is stopped here");
    }
    objects.control.GetInterrupt(); // one that came too late would cut the loading of symbols short
    try {
      objects.focus(focus);
    } catch (error) {
      throw noThread(focus, error) ?? error;
    }
    return objects;
  }

  /** The same, with the program's own processor as the engine's effective one. */
  protected within<T>(focus: Focus, action: (objects: EngineObjects, context?: Uint8Array<ArrayBuffer>) => T): T {
    const objects = this.at(focus);
    return this.engine.events.machines.within(focus.processId, (context) => action(objects, context));
  }

  /** @throws {EngineError} kind `not-supported` where the program is a dump. */
  protected abstract refuseDump(action: string): void;

  protected isObserved(processId: number): boolean {
    return this.engine.events.unannounced.isObserved(processId);
  }

  /** Who changes a program's memory. */
  protected whose(processId: number): Whose {
    return this.isObserved(processId) ? "others" : "engine";
  }

  threads(focus: Focus): Answer<"threads"> {
    return listThreads(focus.processId, inspect.threadIds(this.at(focus)), this.engine);
  }

  modules(focus: Focus): Answer<"modules"> {
    const { images } = this.engine.events;
    return modules(this.at(focus), images.of(focus.processId)).map((each) => images.listed(focus.processId, each));
  }

  stack(focus: Focus, frames: number): Answer<"stack"> {
    return this.within(focus, (objects, context) => stack(objects, frames, context));
  }

  registers(focus: Focus): Answer<"registers"> {
    return this.within(focus, inspect.registers);
  }

  report(focus: Focus, request: ReportRequest): Answer<"report"> {
    return makeReport(request, {
      stack: (frames) => this.stack(focus, frames),
      registers: () => this.registers(focus),
      modules: () => this.modules({ processId: focus.processId }),
      threads: () => this.threads({ processId: focus.processId }),
    }, (error) => this.failure(error));
  }

  writeRegister(focus: Focus, name: string, value: bigint | number): void {
    this.refuseDump("write a register");
    this.within(focus, (objects, context) => inspect.writeRegister(objects, name, value, context));
  }

  read(focus: Focus, address: bigint, length: number): Uint8Array<ArrayBuffer> {
    return inspect.read(this.at(focus), address, length);
  }

  readWithPage(focus: Focus, address: bigint, length: number): Answer<"readWithPage"> {
    return readWithPage(this.at(focus), this.whose(focus.processId), address, length);
  }

  write(focus: Focus, address: bigint, bytes: Uint8Array<ArrayBuffer>): number {
    this.refuseDump("write memory");
    return inspect.write(this.at(focus), address, bytes);
  }

  nameAt(focus: Focus, address: bigint): Name | null {
    return nameAt(this.at(focus), address);
  }

  addressOf(focus: Focus, symbol: string): bigint | null {
    return addressOf(this.at(focus), symbol, this.engine.events.images.known(focus.processId));
  }

  variable(focus: Focus, name: string): Answer<"variable"> {
    return variables.variable(this.at(focus), name, this.engine.events.images.known(focus.processId));
  }

  type(focus: Focus, which: Parameters<EngineApi["type"]>[1]): Answer<"type"> {
    return variables.type(this.at(focus), which, this.engine.events.images.known(focus.processId));
  }

  locals(focus: Focus, frame: number): Answer<"locals"> {
    return this.within(focus, (objects, context) => variables.locals(objects, frame, context));
  }

  breakpoints(focus: Focus, change?: Parameters<EngineApi["breakpoints"]>[1]): Answer<"breakpoints"> {
    this.refuseDump("set breakpoints");
    return userBreakpoints(this.at(focus), this.engine.events, focus.processId, change);
  }

  sourceLines(focus: Focus, which: Parameters<EngineApi["sourceLines"]>[1]): Answer<"sourceLines"> {
    return sourceLines(this.at(focus), which);
  }

  position(focus: Focus): Answer<"position"> {
    return this.within(focus, (objects) => position(objects));
  }

  step(focus: Focus, kind: StepKind): void {
    this.refuseDump("step");
    this.at(focus);
    this.engine.loop.begin({ step: kind, count: 1 });
  }

  evaluate(focus: Focus, expression: string): bigint | number {
    const image = this.engine.events.images.known(focus.processId);
    return this.within(focus, (objects) => evaluate(objects, expression, image));
  }

  execute(focus: Focus, text: string): Answer<"execute"> {
    return execute(this.engine, this.at(focus), focus.processId, text);
  }

  writeDump(focus: Focus, path: string, type: DumpType, comment: string | null): void {
    writeDump(this.at(focus), path, type, comment);
  }
}

/** The engine's own words for a thread that is not there are those for an interface that is not. */
function noThread({ processId, threadId }: Focus, error: unknown): EngineError | undefined {
  if (threadId === undefined || !(error instanceof HresultError) || error.hresult !== E_NOINTERFACE) return undefined;
  const advice = `process ${processId} has none of this id; threads() lists those that are there`;
  return new EngineError("failed", `Cannot use thread ${threadId}: ${advice}`, error);
}
