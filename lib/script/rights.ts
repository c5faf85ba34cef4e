/**
 * What a confined script may do, in Deno's own words: `--allow-attach=app.exe`, `--deny-attach=lsass.exe`. A deny beats every
 * allow, and a deny without a list beats everything.
 * @module
 */
import { entryFault } from "./entries.ts";
import { type RightName, RIGHTS } from "./need.ts";
import { quoted, visible } from "./visible.ts";

/** Deno's permissions that go to the script's process as they are. */
const DENO_RIGHTS = ["read", "write", "net", "env", "sys", "import"] as const;

/** Those of Deno's with which there would be no border; they can only be denied. */
const NEVER: Readonly<Record<string, string>> = {
  all: "it would have all permissions",
  ffi: "it could call any library, and so do all that this user can",
  run: "it could start any program, and so do all that this user can",
};

/** What was granted or denied: everything, or what is on a list. */
export interface Grant {
  readonly all: boolean;
  readonly list: readonly string[];
}

/** What was said about one right. */
export interface Rule {
  readonly allow: Grant;
  readonly deny: Grant;
}

/** All that a script may do. */
export interface Rights {
  /** About each right of Latch's own. */
  readonly rules: Readonly<Record<RightName, Rule>>;
  /** Deno's flags for the script's process: those given, and a deny for each permission that was not. */
  readonly denoFlags: readonly string[];
  /** Hosts that modules may come from, or all. */
  readonly importHosts: Grant;
}

const NOTHING: Grant = { all: false, list: [] };

const FLAG = /^--(allow|deny)-([a-z-]+)(?:=(.*))?$/s;

const SHORT: Readonly<Record<string, string>> = {
  "-R": "--allow-read",
  "-W": "--allow-write",
  "-N": "--allow-net",
  "-E": "--allow-env",
  "-S": "--allow-sys",
  "-I": "--allow-import",
  "-A": "--allow-all",
};

/** Whether an argument is a flag that {@linkcode parseRights} reads. */
export function isRightFlag(argument: string): boolean {
  return argument !== "--allow-declared" && (FLAG.test(argument) || longForm(argument) !== argument);
}

/** A right and what it is for, in one word with a space between, as `--allow-launch app.exe`. */
const SPACED = /^(--?[A-Za-z-]+)\s+(\S.*)$/s;

/**
 * What is to be done where a right has what it is for behind a space: in the next word, or in the same one, without `value`. Undefined where that
 * is not so.
 * @throws {TypeError} for a right that nobody can be given.
 */
export function adviceOnSpace(word: string, value?: string): string | undefined {
  if (value === undefined) {
    const [, flag = "", rest = ""] = SPACED.exec(word) ?? [];
    return flag === "" ? undefined : adviceOnSpace(flag, rest);
  }
  if (!isRightFlag(word) || word.includes("=")) return undefined;
  const { verb, name } = parseFlag(longForm(word));
  if (isRight(name) && !RIGHTS[name]) return `--${verb}-${name} takes no list`;
  return `what a right is for follows it behind "=", as in ${visible(shellWord(`--${verb}-${name}=${value}`))}`;
}

function longForm(flag: string): string {
  const [name = "", ...value] = flag.split("=");
  const long = Object.hasOwn(SHORT, name) ? SHORT[name] : undefined;
  return long === undefined ? flag : [long, ...value].join("=");
}

/** The rights that flags stand for. @throws {TypeError} for a flag that is none, or one with which there is no border. */
export function parseRights(flags: readonly string[]): Rights {
  const rules = Object.fromEntries(
    Object.keys(RIGHTS).map((name) => [name, { allow: NOTHING, deny: NOTHING }]),
  ) as Record<RightName, Rule>;
  const denoFlags: string[] = [];
  let importHosts = NOTHING;
  for (const [at, given] of flags.entries()) {
    const flag = longForm(given);
    const { verb, name, list } = parseFlag(flag, flags[at - 1]);
    if (isRight(name)) {
      const rule = rules[name];
      rules[name] = { ...rule, [verb]: joined(rule[verb], list) };
    } else {
      denoFlags.push(flag);
      if (flag === "--allow-import" || flag.startsWith("--allow-import=")) importHosts = joined(importHosts, list);
    }
  }
  return { rules, denoFlags: [...denoFlags, ...missingDenies(denoFlags)], importHosts };
}

function isRight(name: string): name is RightName {
  return Object.hasOwn(RIGHTS, name);
}

/** @param before The word before it: it may be what that one is for. */
function parseFlag(
  flag: string,
  before = "",
): { verb: "allow" | "deny"; name: string; list: readonly string[] | undefined } {
  const [, verb, name = "", value] = FLAG.exec(flag) ?? [];
  if (verb !== "allow" && verb !== "deny") {
    const advice = adviceOnSpace(flag) ?? adviceOnSpace(before, flag);
    throw new TypeError(`Cannot use ${flag}: ${advice ?? "it is no --allow-… or --deny-…"}`);
  }
  const list = value?.split(",").map((item) => item.trim()).filter((item) => item !== "");
  if (list?.length === 0) throw new TypeError(`Cannot use ${flag}: its list is empty`);
  if (isRight(name)) {
    if (list && !RIGHTS[name]) throw new TypeError(`Cannot use ${flag}: --${verb}-${name} takes no list`);
    for (const entry of list ?? []) refuseIdle(flag, entry, entryFault(name, verb, entry));
    return { verb, name, list };
  }
  if (verb === "allow" && Object.hasOwn(NEVER, name)) {
    throw new TypeError(`Cannot confine a script with --allow-${name}: ${NEVER[name]}; run it by deno itself`);
  }
  const isDenos = (DENO_RIGHTS as readonly string[]).includes(name) || (verb === "deny" && /^(?:ffi|run)$/.test(name));
  if (!isDenos) throw new TypeError(`Cannot use ${flag}: neither Latch nor Deno has that right; see latch run --help`);
  // Deno's own wildcards do not hold for the look at the imports.
  if (name === "import") {
    for (const entry of list ?? []) refuseIdle(flag, entry, /\*/.test(entry) ? "a pattern" : undefined);
  }
  return { verb, name, list };
}

/** A rule that is taken and has no effect is worse than an error. */
function refuseIdle(flag: string, entry: string, fault: string | undefined): void {
  if (fault !== undefined) throw new TypeError(`Cannot use ${visible(flag)}: ${quoted(entry)} is ${fault}`);
}

function joined(grant: Grant, list: readonly string[] | undefined): Grant {
  return list ? { all: grant.all, list: [...grant.list, ...list] } : { all: true, list: grant.list };
}

/** A permission that nobody allowed is denied in so many words: without that Deno has defaults, and may ask. */
function missingDenies(flags: readonly string[]): string[] {
  const mentioned = (name: string): boolean =>
    flags.some((flag) => flag === `--allow-${name}` || flag.startsWith(`--allow-${name}=`));
  const open = [...DENO_RIGHTS].filter((name) => !mentioned(name));
  const denies = [...open, "ffi", "run"].map((name) => `--deny-${name}`);
  return denies.filter((deny) => !flags.includes(deny));
}

/** The flag that would grant something, as a shell takes it. */
export function flagFor(right: RightName, value?: string): string {
  const flag = value === undefined || !RIGHTS[right] ? `--allow-${right}` : `--allow-${right}=${value}`;
  return shellWord(flag);
}

function shellWord(word: string): string {
  if (Deno.build.os === "windows") return /[\s"^&|<>()]/.test(word) ? `"${word.replaceAll('"', "")}"` : word;
  return /^[\w=.,:/@%+-]*$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
