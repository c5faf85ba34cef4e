import type { Departure, EngineApi, EngineConnection, EngineInput, EngineStop, Focus } from "../dbgeng/engine_api.ts";
import type { EngineEvent, EngineInfo, ProcessInfo, ProgramRequests } from "../session/engine.ts";
import { StateError } from "../session/errors.ts";
import { Arrivals } from "./arrivals.ts";
import { ConfinedPrograms } from "./confined_programs.ts";
import * as limits from "./limits.ts";
import { lookups } from "./lookups.ts";
import { expressionFault, symbolFault } from "../dbgeng/expressions.ts";
import { attachByNameNeed, listNeed, terminateNeed } from "./names.ts";
import { Openings } from "./openings.ts";
import { dumpNeed, fullPath } from "./paths.ts";
import type { RightName } from "./need.ts";
import type { Permissions } from "./permissions.ts";
import * as requests from "./requests.ts";
import { report } from "./report.ts";
import { Servers } from "./servers.ts";
import { readSymbolPath } from "./symbols.ts";
import { commandFault, evaluateNeed, executeNeed, onlyReads } from "./texts.ts";
import { bytes, type Checked, integer, oneOf, optional, orNull, refuse, text, without, word } from "./values.ts";
import { sameImage } from "../session/target.ts";

/** Options of a {@linkcode GuardedConnection}. */
export interface GuardOptions {
  /** Processes of this machine that the script never gets: those that confine it. */
  readonly protectedIds?: readonly number[];
}

type Changes = "writeRegister" | "write" | "execute" | "writeDump";
type Looks = Exclude<keyof ProgramRequests, Changes> | "readWithPage";
type Answers = { readonly [K in keyof EngineApi]: (values: readonly unknown[]) => Promise<ReturnType<EngineApi[K]>> };

/**
 * The engine as a confined script has it: each call is looked at, its values and what it needs, before it reaches the real
 * engine, and of what the engine tells only what is about the script's own programs comes through.
 */
export class GuardedConnection implements EngineConnection {
  onNotice: (event: EngineEvent) => void = () => {};
  onLost?: (error: Error) => void;
  readonly #engine: EngineConnection;
  readonly #permissions: Permissions;
  readonly #programs = new ConfinedPrograms();
  readonly #servers: Servers;
  readonly #openings: Openings;
  readonly #arrivals: Arrivals;
  readonly #answers: Answers;
  /** The calls, one after another: between a check and its use nothing else happens. */
  #queue: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #isClosed = false;

  /** Stands between a script and its engine. */
  constructor(engine: EngineConnection, permissions: Permissions, { protectedIds = [] }: GuardOptions = {}) {
    this.#engine = engine;
    this.#permissions = permissions;
    this.#servers = new Servers(engine, permissions);
    const parts = { engine, permissions, programs: this.#programs, servers: this.#servers };
    this.#openings = new Openings(parts, protectedIds);
    this.#arrivals = new Arrivals(engine, permissions, this.#programs);
    this.#answers = this.#makeAnswers();
    engine.onNotice = (event) => {
      if (this.#programs.has(event.processId)) this.onNotice(event);
    };
    engine.onLost = (error) => this.onLost?.(error);
  }

  async call<K extends keyof EngineApi>(
    name: K,
    ...values: Parameters<EngineApi[K]>
  ): Promise<ReturnType<EngineApi[K]>> {
    if (!Object.hasOwn(this.#answers, name)) throw new TypeError("Cannot take the request: there is none of its name");
    if (this.#waiting >= limits.MAX_WAITING) {
      throw new TypeError(`Cannot take the request: more than ${limits.MAX_WAITING} of them wait`);
    }
    this.#waiting++;
    const answer = this.#queue.then(() => {
      if (this.#isClosed) throw new StateError("closed", "Cannot use the engine: it is closed");
      return this.#answers[name](values);
    });
    this.#queue = answer.catch(() => {}).finally(() => this.#waiting--);
    return await answer;
  }

  giveUp(): void {
    this.#engine.giveUp?.();
  }

  awaits(processId?: number): boolean {
    return this.#programs.awaits(processId);
  }

  openInput(): EngineInput | undefined {
    const input = this.#engine.openInput?.();
    return input && this.#openings.giveInput(input);
  }

  interrupt(): void {
    this.#engine.interrupt();
  }

  leaveNow(departures: readonly Departure[]): void {
    this.#engine.leaveNow(this.#allowed(requests.departures(departures, "departures")));
  }

  dispose(): void {
    this.#isClosed = true;
    this.#engine.dispose();
  }

  #makeAnswers(): Answers {
    const engine = this.#engine;
    return {
      open: async ([options]) => await this.#open(options),
      close: async () => {
        await engine.call("close");
        this.#isClosed = true;
      },
      subscribe: async ([names]) => await engine.call("subscribe", requests.wantedEvents(names, "names")),
      attach: async ([request]) => await this.#openings.attach(request),
      launch: async ([request]) => await this.#openings.launch(request),
      run: async ([status, time]) => await this.#run(status, time),
      breakAtEntry: async ([processId]) => {
        const { isLaunched } = this.#program(processId);
        if (!isLaunched) throw new StateError("no-program", "Cannot stop at the entry point: it was not launched here");
        await engine.call("breakAtEntry", processId as number);
      },
      detach: async ([processId]) => await this.#release("detach", processId),
      terminate: async ([processId]) => await this.#release("terminate", processId),
      abandon: async ([processId]) => await this.#release("abandon", processId),
      leave: async ([departures]) =>
        await engine.call("leave", this.#allowed(requests.departures(departures, "departures"))),
      processes: async ([server, name]) => await this.#processes(server, name),
      connectServer: async ([options, patience]) => await this.#servers.connect(options, patience),
      disconnectServer: async ([server]) => await this.#servers.disconnect(server),
      endServer: async ([server]) => await this.#servers.end(server),
      openDump: () => cannot("open a dump", "use latch dump show"),
      startServer: () => cannot("serve processes", "use latch serve"),
      serve: () => cannot("serve processes", "use latch serve"),
      stopServer: () => cannot("serve processes", "use latch serve"),
      ...this.#looking(),
      ...this.#changing(),
    };
  }

  #looking(): Pick<Answers, Looks> {
    const engine = this.#engine;
    const frames = integer(1, limits.MAX_FRAMES);
    const expression = without(expressionFault);
    const name = without(symbolFault);
    return {
      threads: async ([focus]) => await engine.call("threads", this.#focus(focus)),
      modules: async ([focus]) => await engine.call("modules", this.#focus(focus)),
      stack: async ([focus, count]) => await engine.call("stack", this.#focus(focus), frames(count, "frames")),
      nameAt: async ([focus, at]) => await engine.call("nameAt", this.#focus(focus), word(at, "address")),
      addressOf: async ([focus, symbol]) => await engine.call("addressOf", this.#focus(focus), name(symbol, "symbol")),
      ...lookups(engine, this.#permissions, (focus) => this.#focus(focus)),
      report: async ([focus, wanted]) => await report(engine, this.#permissions, this.#focus(focus), wanted),
      registers: async ([focus]) => {
        const where = this.#focus(focus);
        await this.#require("control");
        return await engine.call("registers", where);
      },
      read: async (values) => await engine.call("read", ...await this.#readable(values)),
      readWithPage: async (values) => await engine.call("readWithPage", ...await this.#readable(values)),
      evaluate: async ([focus, given]) => {
        const values = [this.#focus(focus), expression(given, "expression")] as const;
        await this.#require("read-memory");
        if (!onlyReads(values[1])) await this.#permissions.require(evaluateNeed(values[1]));
        return await engine.call("evaluate", ...values);
      },
    };
  }

  /** What of the memory is to be read, which the script may. */
  async #readable([focus, at, count]: readonly unknown[]): Promise<[Focus, bigint, number]> {
    const length = integer(0, limits.MAX_MEMORY);
    const values: [Focus, bigint, number] = [this.#focus(focus), word(at, "address"), length(count, "length")];
    await this.#require("read-memory");
    return values;
  }

  #changing(): Pick<Answers, Changes> {
    const engine = this.#engine;
    const register = text(32);
    const memory = bytes(limits.MAX_MEMORY);
    const command = without(commandFault, "lines");
    const dumpType = oneOf("mini", "full");
    const comment: Checked<string | null> = orNull(text(1_000, "lines"));
    return {
      writeRegister: async ([focus, name, value]) => {
        const where = this.#focus(focus);
        const values = [register(name, "name"), requests.registerValue(value, "value")] as const;
        await this.#require("control");
        await engine.call("writeRegister", where, ...values);
      },
      write: async ([focus, at, given]) => {
        const values = [this.#focus(focus), word(at, "address"), memory(given, "bytes")] as const;
        await this.#require("write-memory");
        return await engine.call("write", ...values);
      },
      execute: async ([focus, given]) => {
        const values = [this.#focus(focus), command(given, "command")] as const;
        await this.#permissions.require(executeNeed(values[1]));
        return await engine.call("execute", ...values);
      },
      writeDump: async ([focus, path, type, note]) => {
        const where = this.#focus(focus);
        const full = fullPath(text(limits.MAX_PATH)(path, "path"), "path");
        const values = [dumpType(type, "type"), comment(note, "comment")] as const;
        await this.#permissions.require(dumpNeed(full));
        await engine.call("writeDump", where, full, ...values);
      },
    };
  }

  async #open(options: unknown): Promise<EngineInfo> {
    const { engine, symbolPath } = requests.engineOptions(options ?? {}, "options");
    if (engine !== undefined) {
      const reason =
        "a confined script cannot choose the engine's folder, whose libraries would be loaded outside of it";
      throw new Deno.errors.NotCapable(`Cannot use the option engine: ${reason}`);
    }
    if (symbolPath === undefined) return await this.#engine.call("open", {});
    const { text, needs } = readSymbolPath(symbolPath);
    for (const need of needs) await this.#permissions.require(need);
    return await this.#engine.call("open", { symbolPath: text });
  }

  async #run(given: unknown, time: unknown): Promise<EngineStop> {
    const status = requests.executionStatus(given, "status");
    const limit = requests.milliseconds(time, "milliseconds");
    const steps = status === "stepInto" || status === "stepOver";
    if (steps || (status === "goHandled" && this.#arrivals.isAtException)) await this.#require("control");
    const { isAtException, isBehindException } = this.#arrivals;
    // To the engine, "go" calls an exception handled as well. Breaks of the debugger's own end by themselves when they are not handled.
    const wouldHandle = isBehindException
      ? status === "goHandled" || status === "go"
      : isAtException && status === "go";
    const isHarmless = !wouldHandle || this.#permissions.has({ right: "control" });
    return await this.#arrivals.run(isHarmless ? status : "goNotHandled", limit);
  }

  async #release(how: "detach" | "terminate" | "abandon", given: unknown): Promise<void> {
    const processId = requests.systemId(given, "processId");
    if (this.#programs.wasRefused(processId)) return; // it has been let go already
    const program = this.#programs.get(processId);
    const isOwnEnd = how === "terminate" && program.isLaunched;
    if (how !== "detach" && !isOwnEnd) await this.#permissions.require(terminateNeed(program));
    await this.#engine.call(how, processId);
    this.#programs.remove(processId);
  }

  /** Those that may be let go in this way; others in the harmless one. */
  #allowed(departures: readonly Departure[]): Departure[] {
    return departures.filter(({ processId }) => this.#programs.has(processId)).map(({ processId, how }) => {
      const program = this.#programs.get(processId);
      const mayEnd = program.isLaunched || this.#permissions.has(terminateNeed(program));
      return { processId, how: mayEnd ? how : "detach" };
    });
  }

  async #processes(server: unknown, given: unknown): Promise<ProcessInfo[]> {
    const handle = this.#servers.inner(server);
    const name = optional(text(limits.MAX_PATH))(given, "name");
    // A person who is asked about it would grant a pattern.
    if (name !== undefined && /[*?]/.test(name)) refuse("name", "a pattern; those stand on lists of rights only");
    const { allow } = this.#permissions.rule("attach");
    if (!allow.all && allow.list.length === 0) await this.#permissions.require(listNeed(name));
    const all = name === undefined
      ? await this.#engine.call("processes", handle)
      : await this.#engine.call("processes", handle, name);
    // A command line lies in the process's memory; its path is that of its first module.
    const isHidden = !this.#permissions.has({ right: "read-memory" });
    const seen = isHidden ? all.map((process) => ({ ...process, commandLine: "" })) : all;
    const mine = (): ProcessInfo[] => seen.filter((process) => this.#openings.mayKnow(handle, process));
    if (name === undefined || mine().some((process) => sameImage(process.name, name))) return mine();
    await this.#permissions.require(attachByNameNeed(name));
    return mine();
  }

  #program(processId: unknown): ReturnType<ConfinedPrograms["get"]> {
    return this.#programs.get(requests.systemId(processId, "processId"));
  }

  #focus(given: unknown): Focus {
    const focus = requests.focus(given, "focus");
    this.#programs.get(focus.processId);
    return focus;
  }

  async #require(right: RightName): Promise<void> {
    await this.#permissions.require({ right });
  }
}

function cannot(action: string, advice: string): Promise<never> {
  return Promise.reject(
    new Deno.errors.NotCapable(`Cannot ${action}: no right gives that to a confined script; ${advice}`),
  );
}
