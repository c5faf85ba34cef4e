/** What is known of a script from the answers that it got, and what they have to be: the oracle of an attack. */
import type { Attempt } from "./attempts.ts";
import type { Row, World } from "./world.ts";
import type { Rights, Thing } from "./rights.ts";

/** An error as it crosses the stream. */
export interface Failure {
  readonly name: string;
  readonly kind?: string;
  readonly message: string;
}

/** What came of a call. */
export type Outcome = { readonly value: unknown } | { readonly error: Failure };

/** What a run brings, as far as an attack looks at it. */
interface Stop {
  readonly kind: string;
  readonly processId?: number;
  readonly event?: {
    readonly type: string;
    readonly processId: number;
    readonly parentId?: number;
    readonly module?: { readonly imageName: string; readonly base: bigint };
    readonly startAddress?: bigint;
  };
}

/** A program that the script has. */
interface Own {
  readonly isLaunched: boolean;
  /** The entries of lists that mean it. */
  readonly entries: readonly string[];
  /** Where its image is, and where its code begins. */
  readonly base: bigint;
  readonly start: bigint;
}

/** An answer that a fault calls for. */
type Fault = (failure: Failure) => boolean;

const isTypeError: Fault = ({ name }) => name === "TypeError";
const isState = (kind: string): Fault => (failure) => failure.name === "StateError" && failure.kind === kind;
const isRefused = (right: string): Fault => ({ name, message }) =>
  name === "NotCapable" && message.startsWith(`Requires ${right} access`);

/** Errors that are the guard's own: where nothing is wrong with a call, it has none of these. */
function isGuards({ name, message }: Failure): boolean {
  return name === "NotCapable" || (name === "TypeError" && /Cannot take the request|has no call/.test(message));
}

/** Whether the engine's process is not there any more, without anybody having wanted that. */
function hasCrashed({ name, kind, message }: Failure): boolean {
  return name === "EngineError" && kind === "lost" && / it ended with code /.test(message);
}

const FAULTS: Readonly<Record<string, Fault>> = {
  malformed: isTypeError,
  "invalid flags": ({ name, kind }) => name === "AttachError" && kind === "invalid-flags",
  self: ({ name, kind }) => name === "AttachError" && kind === "self",
  engine: ({ name, message }) => name === "NotCapable" && message.startsWith("Cannot use the option engine"),
  serving: ({ name, message }) => name === "NotCapable" && message.startsWith("Cannot serve processes"),
};

/** What is known of one script. */
export class Known {
  readonly rights: Rights;
  readonly world: World;
  readonly programs = new Map<number, Own>();
  /** The addresses of the process servers that it is connected to. */
  readonly servers = new Map<bigint, Row>();
  /** The rights that runs will be refused for, in turn, since something else came up than was granted: a scripted engine says so. */
  readonly replaced: string[] = [];
  /** How many calls of a name have passed, or may have. */
  readonly passed = new Map<string, number>();
  /** Processes that came up and were not what was granted. */
  readonly dropped = new Set<number>();
  /** Programs that the script has ended, or that ended before its eyes. */
  readonly ended = new Set<number>();
  /** Whether its engine has been given up, or did something that it was not asked for: then only what is refused is known. */
  isUnsure = false;
  /** Whether the engine's process has crashed: that is told as what it is, by all calls that would have reached it. */
  isLost = false;
  /** Whether the engine has been opened. */
  isOpen = false;
  readonly #families = new Map<number, Own>();
  readonly #over = new Set<number>();
  /** Let go by a script that was about to end: it has them still, and the engine does not. */
  readonly #left = new Set<number>();
  #expected: { readonly way: "attach" | "launch"; readonly processId?: number } | undefined;
  #isAtException: boolean | "unknown" = false;

  constructor(world: World, rights: Rights) {
    this.world = world;
    this.rights = rights;
  }

  /** Whether a program is to come up. */
  get isAwaiting(): boolean {
    return this.#expected !== undefined;
  }

  /** Whether a call is refused whatever has happened before it. */
  isRefused({ fault, needs = [] }: Attempt): boolean {
    return fault !== undefined || needs.some((need) => !this.rights.has(need));
  }

  /** Says what is wrong with what came of a call, and takes note of it. Calls are judged in the order of their answers. */
  judge(attempt: Attempt, outcome: Outcome): string | undefined {
    if ("error" in outcome && hasCrashed(outcome.error)) {
      this.isLost = this.isUnsure = true;
      return undefined;
    }
    const { must, may } = this.#faultsOf(attempt);
    const complaint = this.#complaint(attempt, outcome, must, may);
    this.#note(attempt, outcome, must.length > 0);
    if (must.length === 0) this.passed.set(attempt.name, (this.passed.get(attempt.name) ?? 0) + 1);
    return complaint;
  }

  /** Whether the engine is well, and the program there that a call is about. */
  #isCalm({ focus }: Attempt): boolean {
    return this.isOpen && !this.isUnsure && (focus === undefined || !(this.#over.has(focus) || this.#left.has(focus)));
  }

  #complaint(attempt: Attempt, outcome: Outcome, must: readonly Fault[], may: readonly Fault[]): string | undefined {
    if ("value" in outcome) {
      if (must.length > 0) return "it worked, and had to be refused";
      if (attempt.gives && !attempt.gives(outcome.value)) return "it gave what is not so";
      return attempt.name === "run" ? this.#stopFault(outcome.value as Stop) : undefined;
    }
    const { error } = outcome;
    if (must.length > 0) {
      return [...must, ...may].some((fault) => fault(error)) ? undefined : "it was refused for another reason";
    }
    if (isGuards(error) && !may.some((fault) => fault(error))) return "it is granted, and was refused";
    return attempt.works && this.#isCalm(attempt) ? "it failed, and had to work" : undefined;
  }

  /** Why a call has to be refused, and why it may be. */
  #faultsOf(attempt: Attempt): { must: Fault[]; may: Fault[] } {
    const { fault, needs = [], focus, server } = attempt;
    const must = needs.filter((need) => !this.rights.has(need)).map(({ right }) => isRefused(right));
    const may: Fault[] = [];
    if (fault !== undefined) must.push(FAULTS[fault] ?? isTypeError);
    if (server !== undefined && server !== 0n && !this.servers.has(server)) must.push(isState("closed"));
    if (focus !== undefined && !this.programs.has(focus) && !this.#isDropped(attempt)) {
      (this.isUnsure ? may : must).push(isState("program-gone"));
    }
    // By its id, without its name: lists of names know it no more.
    const { way, processId: wanted = 0 } = attempt.isOpening ?? {};
    if (way === "attach" && this.ended.has(wanted)) may.push(isRefused("attach"));
    if (attempt.isOpening && this.#expected) (this.isUnsure ? may : must).push(isState("running"));
    if (attempt.name === "abandon") may.push(isState("running")); // beside others, before it has come to a stop
    if (attempt.name === "run") this.#addRunFaults(attempt, must, may);
    const isAttached = this.programs.get(focus ?? 0)?.isLaunched === false;
    if (attempt.name === "breakAtEntry" && isAttached) must.push(isState("no-program"));
    if (attempt.ends && this.programs.has(focus ?? 0)) must.push(...this.#endFaults(attempt));
    return { must, may };
  }

  /** A process that came up and was let go is let go in any case. */
  #isDropped({ name, focus = 0 }: Attempt): boolean {
    return ["detach", "terminate", "abandon"].includes(name) && this.dropped.has(focus);
  }

  #addRunFaults({ values: [status], fault }: Attempt, must: Fault[], may: Fault[]): void {
    if (fault !== undefined) return;
    const isHandled = status === "goHandled" && this.#isAtException !== false;
    if (isHandled && !this.rights.has({ right: "control" })) {
      (this.#isAtException === "unknown" || this.isUnsure ? may : must).push(isRefused("control"));
    }
    const [replaced] = this.replaced;
    if (replaced !== undefined) may.push(isRefused(replaced));
  }

  #endFaults({ focus = 0, name }: Attempt): Fault[] {
    const { isLaunched = false, entries = [] } = this.programs.get(focus) ?? {};
    const need: Thing = { right: "terminate", grants: entries };
    return (isLaunched && name === "terminate") || this.rights.has(need) ? [] : [isRefused("terminate")];
  }

  #stopFault({ kind, processId = 0, event }: Stop): string | undefined {
    const place = event?.processId ?? processId;
    if (event?.type === "createProcess") {
      const parent = this.#families.get(event.parentId ?? 0);
      if (parent && this.rights.denies({ right: "attach", grants: [] })) return "a child came up that is denied";
      if (parent || this.isUnsure) return undefined;
      const { way, processId: asked = place } = this.#expected ?? {};
      return way !== undefined && asked === place ? undefined : "a process came up that nobody asked for";
    }
    const isNobodys = place === 0 && (kind === "interrupt" || kind === "break");
    if (kind === "ended" || kind === "expired" || isNobodys || this.isUnsure || this.programs.has(place)) {
      return undefined;
    }
    return `it tells of process ${place}, which is not the script's`;
  }

  #note(attempt: Attempt, outcome: Outcome, isRefused: boolean): void {
    if (attempt.name === "run") return isRefused ? undefined : this.#noteRun(outcome);
    const hasFailed = "error" in outcome;
    if (attempt.isOpening) {
      const waits = hasFailed && outcome.error.name === "StateError"; // for another that is being opened
      if (!isRefused && !waits) this.#expected = hasFailed ? undefined : attempt.isOpening;
    } else if (attempt.name === "close") {
      if (!hasFailed) this.#forget();
      else this.isUnsure = true;
    } else if (hasFailed) return;
    else if (attempt.name === "open") this.isOpen = true;
    else if (attempt.name === "leave") this.#noteLeave(attempt);
    else if (attempt.name === "connectServer") this.servers.set(outcome.value as bigint, attempt.row as Row);
    else if (attempt.name.endsWith("Server")) this.servers.delete(attempt.server ?? 0n);
    else if (["detach", "terminate", "abandon"].includes(attempt.name)) {
      if (attempt.name !== "detach") this.ended.add(attempt.focus ?? 0);
      this.programs.delete(attempt.focus ?? 0);
    }
  }

  #noteLeave({ values: [departures] }: Attempt): void {
    for (const { processId, how } of departures as { processId: number; how: string }[]) {
      const need: Thing = { right: "terminate", grants: this.programs.get(processId)?.entries ?? [] };
      if (how === "terminate" && this.rights.has(need)) this.ended.add(processId);
      this.#left.add(processId);
    }
  }

  #noteRun(outcome: Outcome): void {
    for (const processId of this.#over) this.programs.delete(processId);
    this.#over.clear();
    if ("error" in outcome) {
      const { name, kind, message } = outcome.error;
      if (name === "NotCapable" && message.startsWith("Requires control")) return;
      if (/^Requires (?:attach|launch)/.test(message)) {
        this.replaced.shift();
        this.programs.delete(this.#expected?.processId ?? 0);
      }
      this.#isAtException = "unknown";
      if (name !== "StateError") this.#expected = undefined;
      this.isUnsure ||= name === "EngineError" || kind === "running";
      return;
    }
    const { kind, event } = outcome.value as Stop;
    this.#isAtException = event?.type === "exception";
    if (kind === "ended") {
      this.programs.clear();
      this.#expected = undefined;
    }
    if (event?.type === "exitProcess") {
      this.#over.add(event.processId);
      this.ended.add(event.processId);
    }
    if (event?.type === "createProcess") this.#noteNew(event);
  }

  #noteNew({ processId, parentId, module, startAddress = 0n }: NonNullable<Stop["event"]>): void {
    const parent = this.#families.get(parentId ?? 0);
    const { mine, other } = this.world;
    const entries = [mine, other].find((process) => process.processId === processId)?.entries ?? [];
    const isLaunched = parent ? parent.isLaunched : this.#expected?.way === "launch";
    const own: Own = { isLaunched, entries, base: module?.base ?? 0n, start: startAddress };
    this.#left.delete(processId);
    this.ended.delete(processId);
    this.programs.set(processId, own);
    this.#families.set(processId, own);
    this.dropped.delete(processId);
    if (!parent) this.#expected = undefined;
  }

  #forget(): void {
    for (const list of [this.programs, this.#families, this.servers, this.dropped, this.#over, this.#left]) {
      list.clear();
    }
    this.#expected = undefined;
    this.#isAtException = false;
    this.isUnsure = false;
    this.isOpen = false;
  }
}
