/** What the contestants of a comparison saw: figures of runs that saw different things are not of the same work. */
export class Facts {
  readonly #known = new Map<string, { readonly by: string; readonly text: string }>();

  /** Takes the word of the one that the others are compared with: it runs first in each round. */
  state(name: string, by: string, seen: unknown): void {
    this.#known.set(name, { by, text: textOf(seen) });
  }

  /** What was stated, as JSON. */
  known(name: string): string | undefined {
    return this.#known.get(name)?.text;
  }

  /** @throws {Error} when another one was stated, or none. */
  compare(name: string, by: string, seen: unknown): void {
    const known = this.#known.get(name);
    const text = textOf(seen);
    if (known?.text === text) return;
    throw new Error(
      `Cannot compare: ${by} saw ${text}, ${known?.by ?? "nobody before it"} ${known?.text ?? "anything"}`,
    );
  }
}

/** JSON without what is undefined, the keys of all objects in one order. */
function textOf(seen: unknown): string {
  return JSON.stringify(seen, (_key, value) => {
    const isPlain = typeof value === "object" && value !== null && !Array.isArray(value);
    return isPlain
      ? Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => one < other ? -1 : 1))
      : value;
  }) ?? "nothing";
}
