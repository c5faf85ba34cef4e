import type { Prompter, Question } from "./permissions.ts";

/** Where a {@linkcode TerminalPrompter} asks. */
export interface Terminal {
  /** Shows a text at once. */
  show(text: string): void;
  /** The next line that the person types; null at the end of input. */
  line(): Promise<string | null>;
  /** Holds back what the script prints while a question is open; gives what lets it go on. */
  hold(): () => void;
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
    const release = this.#terminal.hold();
    try {
      const what = value === undefined ? "" : ` to ${value}`;
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

/** Reads lines of this process's terminal; what was typed before a question does not answer it. */
export async function readLine(): Promise<string | null> {
  const bytes: number[] = [];
  const one = new Uint8Array(1);
  for (;;) {
    if (await Deno.stdin.read(one) === null) return null;
    if (one[0] === 10) return new TextDecoder().decode(Uint8Array.from(bytes));
    bytes.push(one[0] ?? 0);
  }
}
