/** Characters that do not show, or change how others show: control, format (bidirectional, zero width), surrogates, odd blanks. */
// deno-lint-ignore no-control-regex
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u2800]|\p{DI}|\p{Cf}|\p{Cs}|\p{Co}|\p{Cn}|(?! )\p{Zs}/gu;

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

/** Where in a control sequence a cleaner is. */
type Place = "text" | "escape" | "control" | "string";

/** How long the numbers of a sequence may be; longer ones are dropped. */
const LONGEST = 64;

/** The colours of text: `ESC [ 1;31 m`. */
const COLOUR = /^[0-9;:]*$/;

/** Back to how a terminal writes by itself. */
const PLAIN = "\u001b[0m";

/** Signs that turn the direction of writing up to the end of the line. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/;

/**
 * Takes terminal control out of a program's output: of all sequences only those of colour are left, of the control
 * characters only line feed and tab. It works on pieces, which may end inside a sequence or a character.
 */
export class OutputCleaner {
  readonly #decoder = new TextDecoder();
  #place: Place = "text";
  #numbers = "";
  /** Whether what comes next would be in a colour of this text's, or in its direction of writing. */
  #isColoured = false;
  #isTurned = false;

  /** Cleans the next piece. */
  clean(bytes: Uint8Array): string {
    return this.#clean(this.#decoder.decode(bytes, { stream: true }));
  }

  /** What is left at the end: half a character, and the way back to how others write. A sequence without an end is dropped. */
  end(): string {
    const rest = this.#clean(this.#decoder.decode());
    const back = (this.#isColoured ? PLAIN : "") + (this.#isTurned ? "\n" : "");
    this.#isColoured = this.#isTurned = false;
    this.#place = "text";
    return rest + back;
  }

  #clean(text: string): string {
    let clean = "";
    for (const sign of text) clean += sign === "\u001b" ? this.#begin() : this.#take(sign);
    const line = clean.slice(clean.lastIndexOf("\n") + 1);
    this.#isTurned = TURNS.test(line) || (this.#isTurned && line === clean);
    return clean;
  }

  #begin(): string {
    this.#place = "escape";
    this.#numbers = "";
    return "";
  }

  #take(sign: string): string {
    switch (this.#place) {
      case "text":
        return isPlain(sign) ? sign : "";
      case "escape":
        return this.#afterEscape(sign);
      case "control":
        return this.#inControl(sign);
      case "string": // a title, a clipboard …: up to BEL or ESC \, and not beyond its line
        if (sign !== "\n" && sign !== "\u0007" && sign !== "\u009c") return "";
        this.#place = "text";
        return sign === "\n" ? sign : "";
    }
  }

  #afterEscape(sign: string): string {
    if (sign === "[") this.#place = "control";
    else if ("]PX^_".includes(sign)) this.#place = "string";
    else if (sign < " " || sign > "/") this.#place = "text"; // ESC ( and the like take one more
    return sign === "\n" ? sign : "";
  }

  #inControl(sign: string): string {
    if (sign >= " " && sign <= "?") {
      if (this.#numbers.length < LONGEST) this.#numbers += sign;
      return "";
    }
    this.#place = "text";
    if (sign === "\n") return sign;
    const isColour = sign === "m" && this.#numbers.length < LONGEST && COLOUR.test(this.#numbers);
    if (!isColour) return "";
    this.#isColoured = !/^0*$/.test(this.#numbers);
    return `\u001b[${this.#numbers}m`;
  }
}

function isPlain(sign: string): boolean {
  return sign === "\n" || sign === "\t" || (sign >= " " && (sign < "\u007f" || sign > "\u009f"));
}

/** Cuts a clean text into pieces of about so many characters, none of them inside a sequence or a character. */
export function* piecesOf(text: string, length: number): Generator<string, void, void> {
  for (let at = 0; at < text.length;) {
    let end = Math.min(at + length, text.length);
    const escape = text.lastIndexOf("\u001b", end - 1);
    const close = text.indexOf("m", escape);
    if (escape >= at && close >= end) end = close + 1;
    else if (/[\ud800-\udbff]/.test(text[end - 1] ?? "")) end++;
    yield text.slice(at, end);
    at = end;
  }
}
