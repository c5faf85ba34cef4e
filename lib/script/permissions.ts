import { type Need, type RightName, RIGHTS } from "./need.ts";
import { flagFor, type Grant, type Rights, type Rule } from "./rights.ts";
import { quoted, visible } from "./visible.ts";

/** What is longer cannot be shown in whole: it is refused without a question. */
const LONGEST_QUESTION = 200;

/** What is asked of a person at a terminal. */
export interface Question {
  /** The right, for example `attach`. */
  readonly right: RightName;
  /** What it is about, made fit to be shown; undefined where it is about all there is. */
  readonly value: string | undefined;
  /** The flag that would have made the question needless. */
  readonly flag: string;
}

/** Asks a person: allowed this once named thing, denied, or the whole right. */
export interface Prompter {
  ask(question: Question): Promise<"allow" | "deny" | "allow-all">;
}

/** The rights of one running script; a person's answers are added. */
export class Permissions {
  readonly #rules: Record<RightName, Rule>;
  readonly #prompter: Prompter | undefined;
  readonly #refused = new Set<string>();
  /** Commands that a person said yes to, word for word: on a list they would stand for arguments too. */
  readonly #accepted = new Set<string>();

  constructor(rights: Rights, prompter?: Prompter) {
    this.#rules = { ...rights.rules };
    this.#prompter = prompter;
  }

  /** What was said about a right. */
  rule(right: RightName): Rule {
    return this.#rules[right];
  }

  /** Whether something is granted without asking. */
  has(need: Need): boolean {
    return this.#state(need) === "granted";
  }

  /** Whether a deny forbids something. */
  isDenied(need: Need): boolean {
    return this.#state(need) === "denied";
  }

  /** Lets what is granted pass, asks where there is somebody to ask. @throws {Deno.errors.NotCapable} */
  async require(need: Need): Promise<void> {
    const state = this.#state(need);
    if (state === "granted") return;
    if (state === "prompt" && this.#prompter && await this.#ask(need, this.#prompter)) return;
    throw this.failure(need);
  }

  /** The error for what is not granted, in Deno's form. */
  failure({ right, value: whole, said: value = whole, denies, allows }: Need): Error {
    const what = value === undefined ? "" : ` to ${quoted(value)}`;
    const { deny } = this.#rules[right];
    const entry = deny.all ? "" : deny.list.find((entry) => (denies ?? allows)?.(entry));
    const advice = entry === undefined
      ? `run again with ${flagFor(right, value === undefined ? undefined : visible(value))}`
      : `which --deny-${right}${entry === "" ? "" : `=${visible(entry)}`} forbids`;
    return new Deno.errors.NotCapable(`Requires ${right} access${what}, ${advice}`);
  }

  #state({ right, value, allows, denies }: Need): "granted" | "denied" | "prompt" {
    const { allow, deny } = this.#rules[right];
    if (deny.all || deny.list.some((entry) => (denies ?? allows)?.(entry))) return "denied";
    if (allow.all || allow.list.some((entry) => allows?.(entry)) || this.#accepted.has(keyOf(right, value))) {
      return "granted";
    }
    return "prompt";
  }

  async #ask(need: Need, prompter: Prompter): Promise<boolean> {
    const { right, value } = need;
    const key = keyOf(right, value);
    if (this.#refused.has(key) || key.length > LONGEST_QUESTION) return false;
    const shown = value === undefined ? undefined : quoted(value);
    const answer = await prompter.ask({ right, value: shown, flag: flagFor(right, value && visible(value)) });
    if (answer === "deny") {
      this.#refused.add(key);
      return false;
    }
    const all = answer === "allow-all" || value === undefined || !RIGHTS[right];
    if (all) this.#allow(right, { all: true, list: [] });
    else if (right === "execute") this.#accepted.add(key);
    else this.#allow(right, { all: false, list: [value] });
    return true;
  }

  #allow(right: RightName, { all, list }: Grant): void {
    const { allow, deny } = this.#rules[right];
    this.#rules[right] = { allow: { all: allow.all || all, list: [...allow.list, ...list] }, deny };
  }
}

function keyOf(right: RightName, value: string | undefined): string {
  return `${right}=${value ?? ""}`;
}
