import type { Prompter, Question } from "./permissions.ts";
import { RIGHTS } from "./need.ts";

/** Where a {@linkcode TerminalPrompter} asks. */
export interface Terminal {
  /** Shows a text at once. */
  show(text: string): void;
  /** The next line that the person types; null at the end of input. */
  line(): Promise<string | null>;
  /** Holds back what the script prints while a question is open; gives what lets it go on. */
  hold(): (() => void) | Promise<() => void>;
}

/** Asks at a terminal, as Deno does: y, n, A. Anything else asks again. */
export class TerminalPrompter implements Prompter {
  readonly #terminal: Terminal;
  readonly #script: string;

  /** @param script What the script is called, fit to be shown. */
  constructor(terminal: Terminal, script: string) {
    this.#terminal = terminal;
    this.#script = script;
  }

  async ask({ right, value, flag }: Question): Promise<"allow" | "deny" | "allow-all"> {
    const release = await this.#terminal.hold();
    try {
      const what = value !== undefined ? ` to ${value}` : RIGHTS[right] ? " to all there is" : "";
      this.#terminal.show(`\n┏ Latch asks: the script ${this.#script} requests ${right} access${what}.\n`);
      this.#terminal.show(`┠ Run again with ${flag} to bypass this question.\n`);
      return await this.#answer(right);
    } finally {
      release();
    }
  }

  async #answer(right: string): Promise<"allow" | "deny" | "allow-all"> {
    for (;;) {
      this.#terminal.show(`┗ Allow? [y/n/A] (y = yes, n = no, A = all of ${right}) > `);
      const line = await this.#terminal.line();
      if (line === null || /^n(o)?$/i.test(line.trim())) return "deny";
      if (line.trim() === "A") return "allow-all";
      if (/^y(es)?$/i.test(line.trim())) return "allow";
    }
  }
}

/**
 * The lines that a person types at this process's terminal. They are read all the time, and those that no question waits for
 * are dropped: a script could print something that looks like a question, and have its answer taken for the next real one.
 */
export class TypedLines {
  readonly #read: (buffer: Uint8Array) => Promise<number | null>;
  #waiting: ((line: string | null) => void) | undefined;
  #isOver = false;

  constructor(read: (buffer: Uint8Array) => Promise<number | null> = (buffer) => Deno.stdin.read(buffer)) {
    this.#read = read;
    this.#readAll().catch(() => {}).finally(() => {
      this.#isOver = true;
      this.#waiting?.(null);
    });
  }

  /** The next line; null at the end of input. */
  next(): Promise<string | null> {
    if (this.#isOver) return Promise.resolve(null);
    return new Promise((resolve) => this.#waiting = resolve);
  }

  async #readAll(): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    const buffer = new Uint8Array(4096);
    for (let count = await this.#read(buffer); count !== null; count = await this.#read(buffer)) {
      const lines = (rest + decoder.decode(buffer.subarray(0, count), { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      const [line] = lines; // what was typed beyond it answers no question yet
      if (line === undefined) continue;
      this.#waiting?.(line.replace(/\r$/, ""));
      this.#waiting = undefined;
    }
  }
}
