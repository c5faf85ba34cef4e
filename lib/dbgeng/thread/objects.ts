import type { Com } from "../../com/com_object.ts";
import type { Focus } from "../engine_api.ts";
import { HresultError } from "../../com/hresult.ts";
import { I386 } from "../../files/machines.ts";
import { StateError } from "../../session/errors.ts";
import { DEBUG_ENGOPT_INITIAL_BREAK } from "../generated/constants.ts";
import { IDebugClient5 } from "../generated/debug_client.ts";
import { IDebugControl5 } from "../generated/debug_control.ts";
import { IDebugDataSpaces4 } from "../generated/debug_data_spaces.ts";
import { IDebugRegisters2 } from "../generated/debug_registers.ts";
import { IDebugSymbols4 } from "../generated/debug_symbols.ts";
import { IDebugSystemObjects4 } from "../generated/debug_system_objects.ts";
import type { LoadedEngine } from "./library.ts";

const SYMOPT_LOAD_LINES = 0x10;
const SYMOPT_FAIL_CRITICAL_ERRORS = 0x200;
const SYMOPT_NO_PROMPTS = 0x80000;
/** Keeps `_NT_SYMBOL_PATH`, and with it the network, out. */
const SYMOPT_IGNORE_NT_SYMPATH = 0x1000;

/** The end of what 32-bit programs reach. */
export const HIGHEST_OF_I386 = 0xffff_ffffn;

/** A breakpoint that no user has set. */
export interface OwnBreakpoint {
  readonly processId: number;
  readonly address: bigint;
  readonly flags: number;
}

/** One engine client with the interfaces that the engine's parts use; all belong to the thread that made them. */
export class EngineObjects implements Disposable {
  readonly client: Com<IDebugClient5>;
  readonly control: Com<IDebugControl5>;
  readonly system: Com<IDebugSystemObjects4>;
  readonly symbols: Com<IDebugSymbols4>;
  readonly spaces: Com<IDebugDataSpaces4>;
  readonly registers: Com<IDebugRegisters2>;
  /** By process: an IMAGE_FILE_MACHINE_…, where it is known. */
  readonly machines = new Map<number, number>();
  /** By id. */
  readonly ownBreakpoints = new Map<number, OwnBreakpoint>();
  readonly #owned: DisposableStack;

  constructor(engine: LoadedEngine, symbolPath: string) {
    using stack = new DisposableStack();
    this.client = stack.use(engine.create(IDebugClient5));
    this.control = stack.use(this.client.query(IDebugControl5));
    this.system = stack.use(this.client.query(IDebugSystemObjects4));
    this.symbols = stack.use(this.client.query(IDebugSymbols4));
    this.spaces = stack.use(this.client.query(IDebugDataSpaces4));
    this.registers = stack.use(this.client.query(IDebugRegisters2));
    // Without it the engine swallows the breakpoint at which Windows hands a process over.
    this.control.AddEngineOptions(DEBUG_ENGOPT_INITIAL_BREAK);
    this.symbols.AddSymbolOptions(
      SYMOPT_LOAD_LINES | SYMOPT_FAIL_CRITICAL_ERRORS | SYMOPT_NO_PROMPTS | SYMOPT_IGNORE_NT_SYMPATH,
    );
    // An empty path means Microsoft's symbol server to the engine: a folder without symbols stands for "nowhere else".
    this.symbols.SetSymbolPathWide(symbolPath || engine.info.folder);
    this.#owned = stack.move();
  }

  /** Makes a program, and a thread of it if one is named, the engine's current ones. */
  focus({ processId, threadId }: Focus): void {
    const isOtherProcess = this.currentProcess() !== processId;
    if (isOtherProcess) this.#enterProcess(processId);
    const isOtherThread = threadId !== undefined && this.system.GetCurrentThreadSystemId() !== threadId;
    if (isOtherThread) this.system.SetCurrentThreadId(this.system.GetThreadIdBySystemId(threadId));
    if (isOtherProcess || isOtherThread) this.#useProcessor(processId);
  }

  /** The same; false where the program or the thread is not there any more. */
  tryFocus(focus: Focus): boolean {
    try {
      this.focus(focus);
      return true;
    } catch (error) {
      if (error instanceof HresultError || error instanceof StateError) return false;
      throw error;
    }
  }

  /** What the engine stopped at: one of DEBUG_EVENT_…, 0 at the end of a step. */
  lastEventType(): number {
    return this.control.GetLastEventInformationWide(null, 0, null, 0).Type;
  }

  /** Whether the engine stopped at an event of its current thread. */
  isAtOwnEvent(): boolean {
    const { ThreadId } = this.control.GetLastEventInformationWide(null, 0, null, 0);
    const { system } = this; // the engine counts threads within each of its systems
    return ThreadId === system.GetCurrentThreadId() && system.GetEventSystem() === system.GetCurrentSystemId();
  }

  /** Goes to the thread of the last event. */
  focusEvent(): void {
    const { system } = this;
    system.SetCurrentSystemId(system.GetEventSystem());
    system.SetCurrentProcessId(system.GetEventProcess());
    system.SetCurrentThreadId(system.GetEventThread());
  }

  /** Windows' id of the engine's current process; 0 when it has none, as after the end of that one. */
  currentProcess(): number {
    try {
      return this.system.GetCurrentProcessSystemId();
    } catch {
      return 0;
    }
  }

  /** Where the current process has its process environment block; 0n where the engine does not tell. */
  peb(): bigint {
    try {
      return this.system.GetCurrentProcessPeb();
    } catch (error) {
      if (!(error instanceof HresultError)) throw error;
      return 0n;
    }
  }

  /** Ids of the engine's systems: this machine is one, and what is debugged through a process server is another. */
  systemIds(): number[] {
    const ids = new Uint32Array(this.system.GetNumberSystems());
    if (ids.length > 0) this.system.GetSystemIdsByIndex(0, ids.length, ids);
    return [...ids];
  }

  /** The engine numbers processes within their system, and uses numbers again: they are asked for each time. */
  #enterProcess(processId: number): void {
    const current = this.#engineProcessId(processId);
    if (current !== undefined) return this.system.SetCurrentProcessId(current);
    for (const systemId of this.systemIds()) {
      this.system.SetCurrentSystemId(systemId);
      const id = this.#engineProcessId(processId);
      if (id !== undefined) return this.system.SetCurrentProcessId(id);
    }
    throw new StateError("program-gone", `Cannot use process ${processId}: it is not being debugged any more`);
  }

  /**
   * The effective processor follows events only. What another thread is about is read with its own: a 32-bit one's, but inside the
   * 64-bit part of its program.
   */
  #useProcessor(processId: number): void {
    const { control } = this;
    const machine = this.machines.get(processId);
    if (machine !== I386 && !this.isX86) return;
    const actual = control.GetActualProcessorType();
    control.SetEffectiveProcessorType(machine === undefined || machine === I386 ? actual : machine);
    if (machine === I386 && this.#isIn32Bits()) control.SetEffectiveProcessorType(I386);
  }

  /** Whether the effective processor is a 32-bit one's. */
  get isX86(): boolean {
    return this.control.GetEffectiveProcessorType() === I386;
  }

  #isIn32Bits(): boolean {
    try {
      return this.registers.GetInstructionOffset() <= HIGHEST_OF_I386;
    } catch (error) {
      if (!(error instanceof HresultError)) throw error; // its thread has ended
      return true;
    }
  }

  #engineProcessId(processId: number): number | undefined {
    try {
      return this.system.GetProcessIdBySystemId(processId);
    } catch {
      return undefined; // not in this system
    }
  }

  [Symbol.dispose](): void {
    this.#owned[Symbol.dispose]();
  }
}

/**
 * Reads text that a method writes into a buffer. `fill` gets the buffer and its size in characters and returns the characters
 * needed, terminating zero included; a text that did not fit is asked for again.
 */
export function readText(fill: (buffer: Uint8Array<ArrayBuffer>, size: number) => number): string {
  let buffer = new Uint8Array(512);
  let needed = fill(buffer, buffer.length / 2);
  if (needed > buffer.length / 2) {
    buffer = new Uint8Array(2 * needed);
    needed = fill(buffer, needed);
  }
  return wide.decode(buffer.subarray(0, 2 * Math.max(0, needed - 1)));
}

const wide = new TextDecoder("utf-16le");
