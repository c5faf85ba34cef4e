/**
 * What a script may do, told by hand and not by Latch: for each thing that it can ask for, which entries of lists are about that. So this knows
 * nothing of how Latch reads paths, commands or names.
 */
import type { Draw } from "./draw.ts";

/** Which lists there can be, and the entries that are drawn for them. */
export type Entries = Readonly<Record<string, readonly string[]>>;

/** What a call is about: a right, and which entries of its lists mean this. */
export interface Thing {
  readonly right: string;
  /** Entries that grant it, when they stand on the list; a right without a list grants it in any case. */
  readonly grants?: readonly string[];
  /** Entries that forbid it; where all do, whatever they say: `any`. */
  readonly denies?: readonly string[] | "any";
}

/** What was said about one right. */
interface Said {
  readonly allow: "none" | "all" | readonly string[];
  readonly deny: "none" | "all" | readonly string[];
}

/** Rights without a list. */
const PLAIN = ["read-memory", "write-memory", "control"];

/** The rights of one script, drawn. */
export class Rights {
  readonly #said: ReadonlyMap<string, Said>;

  constructor(draw: Draw, entries: Entries) {
    // Most have the right to a program: without it little else can be tried.
    const drawn = Object.entries(entries).map(([right, list]) => [right, drawRule(draw, right, list)] as const);
    const plain = PLAIN.map((right) => [right, drawRule(draw, right, [])] as const);
    this.#said = new Map([...drawn, ...plain]);
  }

  /** The flags of `latch run`. */
  get flags(): string[] {
    return [...this.#said].flatMap(([right, { allow, deny }]) => [
      ...flagsOf(`--allow-${right}`, allow),
      ...flagsOf(`--deny-${right}`, deny),
    ]);
  }

  /** Whether something is granted. */
  has({ right, grants = [], denies = grants }: Thing): boolean {
    const { allow, deny } = this.#of(right);
    if (deny === "all") return false;
    if (deny !== "none" && (denies === "any" || deny.some((entry) => denies.includes(entry)))) return false;
    return allow === "all" || (allow !== "none" && allow.some((entry) => grants.includes(entry)));
  }

  /** Whether a deny names something: the children of programs come along unless one does. */
  denies({ right, grants = [], denies = grants }: Thing): boolean {
    const { deny } = this.#of(right);
    return deny === "all" || (deny !== "none" && (denies === "any" || deny.some((entry) => denies.includes(entry))));
  }

  /** Whether anything of a right was granted. */
  hasAny(right: string): boolean {
    return this.#of(right).allow !== "none";
  }

  /** Whether all of it was. */
  hasAll(right: string): boolean {
    const { allow, deny } = this.#of(right);
    return allow === "all" && deny === "none";
  }

  #of(right: string): Said {
    return this.#said.get(right) ?? { allow: "none", deny: "none" };
  }
}

function drawRule(draw: Draw, right: string, list: readonly string[]): Said {
  const isWanted = right === "attach" || right === "launch";
  const some = (): readonly string[] | "none" => {
    const drawn = draw.some(list);
    return drawn.length === 0 ? "none" : drawn;
  };
  const way = draw.below(isWanted ? 12 : 6);
  const allow = way === 0
    ? "none"
    : way === 1 || list.length === 0 && way < 4
    ? "all"
    : isWanted
    ? whole(list)
    : some();
  const deny = draw.oneIn(isWanted ? 24 : 8) ? (draw.oneIn(2) ? "all" : some()) : "none";
  return { allow, deny };

  function whole(all: readonly string[]): readonly string[] {
    return draw.oneIn(3) ? all.slice(0, 1) : all;
  }
}

function flagsOf(flag: string, said: Said["allow"]): string[] {
  if (said === "none") return [];
  return [said === "all" ? flag : `${flag}=${said.join(",")}`];
}
