import { jsonLine } from "./json.ts";

/** Something that can be written to: stdout, stderr, or a test's. */
export interface Writer {
  /** Writes some of the bytes; gives how many. */
  writeSync(bytes: Uint8Array): number;
  /** Whether a person looks at it. */
  isTerminal(): boolean;
}

/** How a text is shown on a terminal. */
export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

const CODES: Readonly<Record<Style, number>> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 };

const encoder = new TextEncoder();

/** How long a work may take before a person is told that it goes on, in milliseconds. */
const PATIENCE = 700;

/** Back to the beginning of the terminal's line, which is emptied. */
const ERASE = "\r\x1b[K";

/** What a command prints: text for people or JSON lines on stdout, notes for people on stderr. */
export class Output {
  /** Whether programs read it: one JSON object a line. */
  readonly json: boolean;
  readonly #out: Writer;
  readonly #err: Writer;
  readonly #color: boolean;
  readonly #gone = new AbortController();
  #showsProgress = false;

  /** Goes to this process's own stdout and stderr unless told otherwise. */
  constructor(
    options: { readonly json?: boolean | undefined } = {},
    out: Writer = Deno.stdout,
    err: Writer = Deno.stderr,
    noColor: boolean = Deno.noColor,
  ) {
    this.json = options.json ?? false;
    this.#out = out;
    this.#err = err;
    this.#color = !noColor && !this.json && out.isTerminal();
  }

  /** Aborted when nobody reads on, as after `| head -1`: there is nothing left to do, and nothing to complain about. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** How many characters fit into a line. */
  get width(): number {
    try {
      return this.#out.isTerminal() ? Deno.consoleSize().columns : Infinity;
    } catch {
      return Infinity; // a terminal that does not tell
    }
  }

  /** One line on stdout. */
  line(text: string): void {
    this.#write(this.#out, `${text}\n`);
  }

  /** One JSON object on stdout. */
  record(value: unknown): void {
    this.line(jsonLine(value));
  }

  /** What a debugged program printed, as it is; beside JSON it goes to stderr. */
  pass(bytes: Uint8Array): void {
    this.#writeBytes(this.json ? this.#err : this.#out, bytes);
  }

  /** One line on stderr for a person who looks on; nothing where nobody does. */
  note(text: string): void {
    if (this.#err.isTerminal() && !this.json) this.#write(this.#err, `${text}\n`);
  }

  /** A text in a style, on a terminal that may have colours. */
  paint(style: Style, text: string): string {
    return this.#color ? `\x1b[${CODES[style]}m${text}\x1b[0m` : text;
  }

  /** Tells on stderr that a work takes its time, with the seconds that have passed; the line goes when something else is printed. */
  async progress<T>(what: string | (() => string), work: Promise<T>): Promise<T> {
    if (!this.#err.isTerminal()) return await work;
    const start = performance.now();
    const show = (): void => {
      const seconds = Math.round((performance.now() - start) / 1000);
      this.#write(this.#err, `${typeof what === "string" ? what : what()} … ${seconds} s`);
      this.#showsProgress = true;
    };
    const timer = setInterval(show, PATIENCE);
    try {
      return await work;
    } finally {
      clearInterval(timer);
      this.#erase();
    }
  }

  #erase(): void {
    if (!this.#showsProgress) return;
    this.#showsProgress = false;
    writeAll(this.#err, encoder.encode(ERASE));
  }

  #write(writer: Writer, text: string): void {
    this.#writeBytes(writer, encoder.encode(text));
  }

  #writeBytes(writer: Writer, bytes: Uint8Array): void {
    if (this.#gone.signal.aborted) return;
    try {
      this.#erase();
      writeAll(writer, bytes);
    } catch (error) {
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
      this.#gone.abort(new ReaderGone());
    }
  }
}

/** A terminal or pipe may take a part at a time. */
function writeAll(writer: Writer, bytes: Uint8Array): void {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(writer.writeSync(rest));
}

/** Nobody reads what is printed any more. */
export class ReaderGone extends Error {
  /** The name of the class. */
  override readonly name = "ReaderGone";
}
