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

/** Where in a control sequence a cleaner is. */
type Place = "text" | "escape" | "control" | "string";

/** How long the numbers of a sequence may be; longer ones are dropped. */
const LONGEST = 64;

/** The colours of text: `ESC [ 1;31 m`. */
const COLOUR = /^[0-9;:]*$/;

/**
 * Takes terminal control out of a program's output: of all sequences only those of colour are left, of the control
 * characters only line feed and tab. It works on pieces, which may end inside a sequence or a character.
 */
export class OutputCleaner {
  readonly #decoder = new TextDecoder();
  #place: Place = "text";
  #numbers = "";

  /** Cleans the next piece. */
  clean(bytes: Uint8Array): string {
    return this.#clean(this.#decoder.decode(bytes, { stream: true }));
  }

  /** What is left at the end: half a character. */
  end(): string {
    return this.#clean(this.#decoder.decode());
  }

  #clean(text: string): string {
    let clean = "";
    for (const sign of text) clean += sign === "\u001b" ? this.#begin() : this.#take(sign);
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
    return isColour ? `\u001b[${this.#numbers}m` : "";
  }
}

function isPlain(sign: string): boolean {
  return sign === "\n" || sign === "\t" || (sign >= " " && (sign < "\u007f" || sign > "\u009f"));
}
