/** What a diagnostic prints: its findings are taken out, of the rest the end is kept. */

/** What a diagnostic found: a line of JSON on its standard output. */
export interface Finding {
  /** Which diagnostic found it. */
  readonly diagnostic: string;
  /** One line for people. */
  readonly title: string;
  /** The whole line. */
  readonly json: string;
}

/** Findings of one run that are kept; more would be a diagnostic run wild. */
const MOST_FINDINGS = 1000;
/** Longest line that is read as a finding, in characters. */
const LONGEST_LINE = 256 * 1024;
/** How much of the output's end is kept, in characters. */
const TAIL = 16 * 1024;
/** Control characters and sequences: what a diagnostic printed must do nothing to the terminal on which it is shown. */
// deno-lint-ignore no-control-regex
const CONTROLS = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)?|\x1b[@-_]|[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/** Takes text out of control sequences. */
export function plain(text: string): string {
  return text.replace(CONTROLS, "");
}

/** Collects the output of one run. */
export class OutputCollector {
  readonly #onFinding: (finding: Finding) => void;
  #tail = "";
  #findings = 0;
  #isThrough = false;

  /** Tells of each finding when its line is complete. */
  constructor(onFinding: (finding: Finding) => void) {
    this.#onFinding = onFinding;
  }

  /** How many findings there were, those beyond the limit as well. */
  get findings(): number {
    return this.#findings;
  }

  /** Whether the diagnostic said that it is through: then its exit code can be that of the program that it launched. */
  get isThrough(): boolean {
    return this.#isThrough;
  }

  /** The end of what was printed beside the findings. */
  get tail(): string {
    return this.#tail.trimEnd();
  }

  /** Reads a stream to its end, or until it breaks. */
  async read(stream: ReadableStream<Uint8Array>, hasFindings: boolean, signal: AbortSignal): Promise<void> {
    const reader = stream.getReader();
    signal.addEventListener("abort", () => void reader.cancel().catch(() => {}));
    const decoder = new TextDecoder();
    let line = "";
    try {
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        const lines = (line + decoder.decode(part.value, { stream: true })).split("\n");
        line = lines.pop() ?? "";
        for (const complete of lines) this.#take(complete, hasFindings);
        if (line.length > LONGEST_LINE) {
          this.#keep(line);
          line = "";
        }
      }
    } catch {
      // The end as well.
    }
    if (line !== "") this.#take(line, hasFindings);
  }

  #take(line: string, hasFindings: boolean): void {
    const finding = hasFindings ? readFinding(line) : undefined;
    if (hasFindings && /^\{"type":"end"[,}]/.test(line)) this.#isThrough = true;
    if (!finding) return this.#keep(`${line}\n`);
    if (++this.#findings <= MOST_FINDINGS) this.#onFinding(finding);
  }

  #keep(text: string): void {
    this.#tail = (this.#tail + plain(text)).slice(-TAIL);
  }
}

function readFinding(line: string): Finding | undefined {
  if (!line.startsWith("{") || line.length > LONGEST_LINE) return undefined;
  try {
    const { type, diagnostic, title } = JSON.parse(line);
    if (type !== "finding") return undefined;
    return { diagnostic: plain(`${diagnostic ?? ""}`), title: plain(`${title ?? ""}`), json: line.trim() };
  } catch {
    return undefined;
  }
}
