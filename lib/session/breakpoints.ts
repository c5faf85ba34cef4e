/** Breakpoints of a program, as objects. */
import {
  requireBigint,
  requireFunction,
  requireInteger,
  requireOneOf,
  requireOptions,
  requireText,
} from "./arguments.ts";
import type { BreakpointChange, BreakpointRecord, BreakpointRequest } from "./breakpoint_records.ts";
import { EngineError, StateError } from "./errors.ts";
import { requirePlace, type SourcePlace } from "./source_lines.ts";
import type { OwnRequest } from "./memory.ts";
import type { ExecutionStatus } from "./status.ts";
import { Thread } from "./thread.ts";

/** A hit of a breakpoint: the program is held while its handler looks into it. */
export interface BreakpointHit {
  /** The thread that has come there; it has not executed the instruction yet. */
  readonly thread: Thread;
  /** The breakpoint. */
  readonly breakpoint: Breakpoint;
  /** How many hits were told of it, this one included; those that `when` has passed over do not count. */
  readonly hits: number;
}

/** How a breakpoint is set. */
export interface BreakpointOptions {
  /** Called with each hit; what it returns decides how the program goes on. Without an answer it stops there, and `wait` says so. */
  readonly hit?: (hit: BreakpointHit) => ExecutionStatus | void | Promise<ExecutionStatus | void>;
  /** Whether a hit is told of: the program goes on at those for which it gives false. */
  readonly when?: (hit: BreakpointHit) => boolean | Promise<boolean>;
  /** Whether it goes with its first hit, which `when` may pass over. @default {false} */
  readonly once?: boolean;
  /** Which pass is the first to be told: 100 passes over 99. @default {1} */
  readonly pass?: number;
  /** The only thread that stops there; all, unless told. It ends with the thread. */
  readonly thread?: Thread;
}

const ACTION = "Cannot set a breakpoint";

interface HitEvent {
  readonly id: number;
  readonly address: bigint;
  readonly threadId: number;
}

type HitHandler = (event: HitEvent) => Promise<ExecutionStatus | void>;

/** A breakpoint that {@linkcode Program.breakpoint} has set. */
export class Breakpoint {
  readonly #owner: Breakpoints;
  readonly #options: BreakpointOptions;
  #record: BreakpointRecord;
  #isRemoved = false;
  #hits = 0;

  /** Not for users: programs set breakpoints. */
  constructor(owner: Breakpoints, record: BreakpointRecord, options: BreakpointOptions) {
    this.#owner = owner;
    this.#record = record;
    this.#options = options;
  }

  /** Its number, which `execute("bl")` shows: never that of another, from 10000 on. */
  get id(): number {
    return this.#record.id;
  }

  /**
   * How it is, as far as is known since it was set, hit, changed or listed: `deferred` while its module is not there, `set`, `disabled`, or `removed`
   * by its last hit, by `remove`, or with its program.
   */
  get state(): "deferred" | "set" | "disabled" | "removed" {
    if (this.#isRemoved) return "removed";
    if (!this.#record.enabled) return "disabled";
    return this.#record.address === null ? "deferred" : "set";
  }

  /** Its address; undefined while it is deferred. */
  get address(): bigint | undefined {
    return this.#record.address ?? undefined;
  }

  /** How many hits were told of. */
  get hits(): number {
    return this.#hits;
  }

  /** Has it stop the program again. */
  async enable(): Promise<void> {
    await this.#owner.change(this, "enable");
  }

  /** Has the program pass it, until it is enabled. */
  async disable(): Promise<void> {
    await this.#owner.change(this, "disable");
  }

  /** Takes it away. Does nothing where it has gone. */
  async remove(): Promise<void> {
    await this.#owner.change(this, "remove");
  }

  /** Not for users: what the engine says of it; undefined when it is not there any more. */
  update(record: BreakpointRecord | undefined): void {
    if (record) this.#record = record;
    else this.#isRemoved = true;
  }

  /** Not for users: a thread has come there. */
  async arrive(thread: Thread, address: bigint): Promise<ExecutionStatus | void> {
    this.#record = { ...this.#record, address };
    if (this.#record.once) this.#owner.gone(this);
    const { hit, when } = this.#options;
    const told = { thread, breakpoint: this, hits: this.#hits + 1 };
    if (when && !await when(told)) return "go";
    this.#hits++;
    return await hit?.(told);
  }
}

/** The breakpoints of one program. */
export class Breakpoints {
  readonly #request: OwnRequest;
  readonly #threadOf: (threadId: number) => Thread;
  readonly #onHit: (handler: HitHandler, signal: AbortSignal) => void;
  readonly #byId = new Map<number, Breakpoint>();
  #listening: AbortController | undefined;

  /** `onHit`: listens until a signal. */
  constructor(
    request: OwnRequest,
    threadOf: (threadId: number) => Thread,
    onHit: (handler: HitHandler, signal: AbortSignal) => void,
  ) {
    this.#request = request;
    this.#threadOf = threadOf;
    this.#onHit = onHit;
  }

  /** Sets one. */
  async add(where: string | bigint | SourcePlace, options: BreakpointOptions): Promise<Breakpoint> {
    const place = typeof where === "object" ? requirePlace(ACTION, where) : undefined;
    const given = requestOf(place ? 0n : where as string | bigint, options);
    const add = place ? { ...given, where: await entryOf(this.#request, place) } : given;
    this.#listen(); // before the first hit
    try {
      const [record] = await this.#request("breakpoints", { add });
      if (!record) throw new EngineError("defect", "Cannot set the breakpoint: the engine does not tell of it");
      const breakpoint = new Breakpoint(this, record, options);
      this.#byId.set(record.id, breakpoint);
      return breakpoint;
    } finally {
      this.#rest();
    }
  }

  /** All of the program, also those that commands have set. */
  async list(): Promise<readonly BreakpointRecord[]> {
    const list = await this.#request("breakpoints");
    for (const breakpoint of [...this.#byId.values()]) this.#update(breakpoint, list);
    this.#rest();
    return list;
  }

  /** Has one enabled, disabled or removed; it may have gone already. @throws {StateError} kind `removed` where it is to do something yet. */
  async change(breakpoint: Breakpoint, verb: "enable" | "disable" | "remove"): Promise<void> {
    const { id } = breakpoint;
    if (breakpoint.state !== "removed") {
      this.#update(breakpoint, await this.#request("breakpoints", { [verb]: id } as unknown as BreakpointChange));
      this.#rest();
    }
    if (breakpoint.state !== "removed" || verb === "remove") return;
    throw new StateError("removed", `Cannot ${verb} breakpoint ${id}: it is not there any more; set it anew`);
  }

  #update(breakpoint: Breakpoint, list: readonly BreakpointRecord[]): void {
    const record = list.find(({ id }) => id === breakpoint.id);
    if (record) breakpoint.update(record);
    else this.gone(breakpoint);
  }

  /** One has gone with its hit. */
  gone(breakpoint: Breakpoint): void {
    this.#byId.delete(breakpoint.id);
    breakpoint.update(undefined);
  }

  /** The program has left the session. */
  end(): void {
    for (const breakpoint of this.#byId.values()) breakpoint.update(undefined);
    this.#byId.clear();
    this.#rest();
  }

  #listen(): void {
    if (this.#listening) return;
    this.#listening = new AbortController();
    this.#onHit(async ({ id, threadId, address }) => {
      return await this.#byId.get(id)?.arrive(this.#threadOf(threadId), address);
    }, this.#listening.signal);
  }

  /** A script does not stay for breakpoints that are not there. */
  #rest(): void {
    if (this.#byId.size > 0) return;
    this.#listening?.abort();
    this.#listening = undefined;
  }
}

/** Where a line begins that is in one function. */
async function entryOf(request: OwnRequest, { file, line }: SourcePlace): Promise<bigint> {
  const entries = new Map<string, bigint>();
  for (const { address } of await request("sourceLines", { file, line })) {
    const { symbol, displacement } = await request("nameAt", address) ?? { symbol: "", displacement: 0n };
    const key = `${symbol} ${address - displacement}`; // overloads have one name
    if (!entries.has(key)) entries.set(key, address);
  }
  const [first, ...others] = entries.values();
  if (first !== undefined && others.length === 0) return first;
  const where = `${ACTION} at line ${line} of ${file}`;
  if (first === undefined) {
    const next = "take a line that has, or, where its module is yet to be loaded, set it then";
    throw new EngineError("failed", `${where}: no loaded module has code of it; ${next}`);
  }
  const names = [...entries.keys()].slice(0, 5).map((key) => key.replace(/ \d+$/, "")).join(", ");
  throw new EngineError(
    "failed",
    `${where}: it is in ${entries.size} functions, ${names}; linesOf() has the addresses`,
  );
}

function requestOf(where: string | bigint, options: BreakpointOptions): BreakpointRequest {
  const action = ACTION;
  if (typeof where === "bigint") requireBigint(action, "its address", where, 0n, (1n << 64n) - 1n);
  else requireText(action, "its place", where, false);
  requireOptions(action, options);
  const { hit, when, once = false, pass = 1, thread } = options;
  if (hit !== undefined) requireFunction(action, "hit", hit);
  if (when !== undefined) requireFunction(action, "when", when);
  requireOneOf(action, "once", once, [true, false]);
  requireInteger(action, "pass", pass, 1, 2 ** 31 - 1);
  if (thread !== undefined && !(thread instanceof Thread)) {
    throw new TypeError(`${action}: thread is no thread; program.thread(id) gives one`);
  }
  return { where, once, pass, threadId: thread?.threadId ?? null };
}
