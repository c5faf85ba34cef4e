/** A real program's run as Windows' own debug events tell it (`tests/debuggees/debug_loop.c`), and as a session does. */
import assert from "node:assert/strict";
import { win32 } from "node:path";
import { launch } from "../../mod.ts";
import type { Host } from "../../scripts/dev/host.ts";
import type { RealProgram } from "../real/programs.ts";

/** What a debugger was told. */
export interface Told {
  /** What the program is called among its modules: its file without the ending. */
  readonly name: string | undefined;
  /** Names of the files that were loaded, in lower case, in their order: Wine tells a DLL of its own with one path or another. */
  readonly modules: readonly string[];
  readonly unloads: number;
  /** Codes in hexadecimal, with the chance. */
  readonly exceptions: readonly string[];
  /** As a whole number without a sign. */
  readonly exitCode: number | undefined;
}

/** A real program, ready to be started. */
export class Subject {
  readonly #host: Host;
  readonly #program: RealProgram;
  readonly #loop: string;
  /** Where it is, to Windows. */
  readonly path: string;

  constructor(host: Host, program: RealProgram, path: string, loop: string) {
    this.#host = host;
    this.#program = program;
    this.path = host.windowsPath(path);
    this.#loop = loop;
  }

  /** The name of its file. */
  get name(): string {
    return win32.basename(this.path);
  }

  /** Its command line as words. */
  command(args: readonly string[]): string[] {
    return [this.path, ...args.map((word) => word.replace("{folder}", `${win32.dirname(this.path)}\\`))];
  }

  /** Started without a debugger, and about to read its input: it is at rest then, with all modules that it needs. */
  async reading(): Promise<Reading> {
    const [program = "", ...args] = this.command(this.#program.read.args);
    const options = { stdin: "piped", stdout: "null", stderr: "null" } as const;
    const child = this.#host.command(program, args, options).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(" ".repeat(MORE_THAN_A_PIPE_HOLDS)));
    return { child, end: () => writer.close().catch(() => undefined) };
  }

  /** What Windows tells of its whole run. */
  async launchedByLoop(args: readonly string[]): Promise<Told> {
    return await this.#loopRun("launch", this.command(args));
  }

  /** What Windows tells a debugger that attaches to it. */
  async attachedByLoop(processId: number): Promise<Told> {
    return await this.#loopRun("attach", [`${processId}`]);
  }

  async #loopRun(how: string, words: readonly string[]): Promise<Told> {
    const command = this.#host.command(this.#loop, [how, ...words], { stdin: "null", stderr: "null" });
    const { code, stdout } = await command.output();
    assert.equal(code, 0, `the debug loop ended with ${code}`);
    const lines = new TextDecoder().decode(stdout).split(/\r?\n/).map((line) => line.split(" "));
    const of = (kind: string): string[][] => lines.filter(([word]) => word === kind);
    const [exit] = of("exit");
    return {
      name: NAME.exec(lines.find(([word]) => word === "module")?.join(" ") ?? "")?.[1],
      modules: of("module").map(([, , ...path]) => nameOf(path.join(" "))),
      unloads: of("unload").length,
      exceptions: of("exception").map(([, exceptionCode, chance]) => `${exceptionCode?.toLowerCase()} ${chance}`),
      exitCode: exit && Number(exit[1]),
    };
  }

  /** What a session tells of its whole run. */
  async launchedBySession(args: readonly string[]): Promise<Told> {
    let name: string | undefined;
    const modules: string[] = [];
    const exceptions: string[] = [];
    let unloads = 0;
    await using program = await launch(this.command(args), {
      on: {
        loadComplete: async ({ program }) => void (name = (await program.modules())[0]?.name),
        createProcess: ({ module }) => void modules.push(nameOf(module.imageName)),
        loadModule: ({ module }) => void modules.push(nameOf(module.imageName)),
        unloadModule: () => void unloads++,
        exception: ({ code, firstChance }) =>
          void exceptions.push(`0x${code.toString(16)} ${firstChance ? "first" : "second"}`),
      },
    });
    const stop = await program.wait();
    assert.deepEqual(stop, { reason: "ended" });
    const exitCode = program.end?.exitCode;
    return { name, modules, unloads, exceptions, exitCode: exitCode === undefined ? undefined : exitCode >>> 0 };
  }
}

/** The name of a file as Windows compares it. */
export function nameOf(path: string): string {
  return win32.basename(path).toLowerCase();
}

/** A program that waits for more of its input. */
export interface Reading {
  readonly child: Deno.ChildProcess;
  /** Ends its input. */
  end(): Promise<void>;
}

/** The name of a file without folder and ending. */
const NAME = /([^\\]*)\.exe$/;

/** In bytes, on Linux and on Windows. */
const MORE_THAN_A_PIPE_HOLDS = 1 << 18;
