import type { EngineApi, Focus } from "../engine_api.ts";
import type { DumpRecord } from "../../session/engine.ts";
import { EngineError, StateError } from "../../session/errors.ts";
import { movesProgram } from "../moving_commands.ts";
import { ProgramLooks } from "./looks.ts";
import type { EngineObjects } from "./objects.ts";
import { closeDump, type OpenDump, openDump, threadsOf } from "./open_dump.ts";
import type { Whose } from "./own_pages.ts";
import { endIdleSession } from "./servers.ts";

/** What would come beside the dump, and never run. */
const OPENS = /(?:^|[;\n{])\s*\.(?:create|attach|opendump)\b/i;

/** The same about a dump, which is the engine's only program then: nothing runs in it, and nothing changes. */
export abstract class DumpLooks extends ProgramLooks {
  #dump: OpenDump | undefined;

  openDump(path: string, imagePath: string | null): DumpRecord {
    const { objects, events } = this.engine;
    this.refuseDump("open a dump");
    if (events.processes.size > 0) {
      throw new EngineError("in-use", "Cannot open a dump: programs are debugged here; let them go first");
    }
    endIdleSession(objects);
    this.#dump = openDump(objects, path, imagePath);
    return this.#dump.record;
  }

  /** To be called when the engine is closed. */
  protected endDump(): void {
    if (this.#dump) closeDump(this.engine.objects);
    this.#dump = undefined;
  }

  protected override refuseDump(action: string): void {
    if (!this.#dump) return;
    throw new EngineError("not-supported", `Cannot ${action}: this is a dump; debug the program itself for that`);
  }

  protected override at(focus: Focus): EngineObjects {
    if (this.#dump && !this.engine.loop.isStopped) {
      throw new StateError("closed", "Cannot use the dump: a command has closed it; open it again");
    }
    return super.at(focus);
  }

  protected override within<T>(
    focus: Focus,
    action: (objects: EngineObjects, context?: Uint8Array<ArrayBuffer>) => T,
  ): T {
    const dump = this.#dump;
    if (!dump) return super.within(focus, action);
    const { threadId } = dump.record;
    return action(this.at(focus), focus.threadId === threadId ? dump.context : undefined);
  }

  override threads(focus: Focus): ReturnType<EngineApi["threads"]> {
    const { output } = this.engine;
    return this.#dump
      ? threadsOf(this.at(focus), this.#dump, (command) => output.execute(command))
      : super.threads(focus);
  }

  protected override whose(processId: number): Whose {
    return this.#dump ? "dump" : super.whose(processId);
  }

  override execute(focus: Focus, text: string): ReturnType<EngineApi["execute"]> {
    if (movesProgram(text) || OPENS.test(text)) this.refuseDump(`run a program by "${text}"`);
    return super.execute(focus, text);
  }
}
