/** Characters that do not show, or change how others show: control, format (bidirectional, zero width), surrogates. */
// deno-lint-ignore no-control-regex
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u2028\u2029]|\p{Cf}|\p{Cs}|\p{Co}/gu;

/** How much of a text from a script is shown. */
const MOST = 200;

/** A text from a script for the eyes of a person: on one line, nothing hidden, not too long. */
export function visible(text: string, most: number = MOST): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  return cut.replace(UNSEEN, (sign) => `\\u{${sign.codePointAt(0)?.toString(16)}}`);
}

/** The same in quotation marks that the text cannot end. */
export function quoted(text: string): string {
  return `"${visible(text).replaceAll('"', '\\"')}"`;
}

// deno-lint-ignore no-control-regex
const CONTROL_END = /^(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)|[ -/]*[0-~])/;
const SGR = /^\[[0-9;:]*m/;

/** How long an unfinished control sequence may be before it is dropped. */
const LONGEST_SEQUENCE = 4096;

/**
 * Takes terminal control out of a program's output: of all sequences only those of colour are left, of the control
 * characters only line feed and tab. It works on pieces, which may end inside a sequence or a character.
 */
export class OutputCleaner {
  readonly #decoder = new TextDecoder();
  #rest = "";

  /** Cleans the next piece. */
  clean(bytes: Uint8Array): string {
    return this.#clean(this.#rest + this.#decoder.decode(bytes, { stream: true }), false);
  }

  /** What is left at the end. */
  end(): string {
    return this.#clean(this.#rest + this.#decoder.decode(), true);
  }

  #clean(text: string, isEnd: boolean): string {
    this.#rest = "";
    let clean = "";
    for (let at = 0; at < text.length;) {
      const escape = text.indexOf("\u001b", at);
      clean += withoutControls(escape < 0 ? text.slice(at) : text.slice(at, escape));
      if (escape < 0) break;
      const after = text.slice(escape + 1);
      const colour = SGR.exec(after)?.[0];
      const sequence = colour ?? CONTROL_END.exec(after)?.[0];
      if (sequence === undefined && !isEnd && after.length < LONGEST_SEQUENCE && isUnfinished(after)) {
        this.#rest = text.slice(escape);
        break;
      }
      if (colour !== undefined) clean += `\u001b${colour}`;
      at = escape + 1 + (sequence?.length ?? 0);
    }
    return clean;
  }
}

/** Whether more text could make a sequence of what stands behind an escape. */
function isUnfinished(after: string): boolean {
  // deno-lint-ignore no-control-regex
  return /^(?:\[[0-?]*[ -/]*|[\]PX^_][^\u0007\u009c]*|[ -/]*)$/.test(after);
}

function withoutControls(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/\r\n/g, "\n").replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "");
}
