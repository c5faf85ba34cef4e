/** Brings the end of a script about, in some state and some hosting, and tells what came of it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { within } from "../../lib/session/abort.ts";
import { Bench } from "./latch_support.ts";
import { hostsOf, isThere as isProcess } from "./native_support.ts";
import { counts, isThere, type Scene, scene, stands, stopWhileRunning, type Target } from "./scene_support.ts";
import type { Order } from "./scripts/end.ts";

const SCRIPT = join(import.meta.dirname ?? "", "scripts", "end.ts");

/** After so many milliseconds a confined script is ended, counted from its start; until then it has to be where it is to be. */
const DEADLINE = 12_000;
/** The same for a script that ends itself, counted from where it is. */
const OWN_DEADLINE = 4_000;
/** So long it is looked whether nothing comes of it, in milliseconds. */
const WAITS = 3_000;
/** How long it takes to look, in milliseconds. */
const LOOK = 1_000;

/** Where a script's engine lives. */
export const HOSTINGS = ["worker", "inline", "host", "confined"] as const;

/** Whose program it is. */
export type Origin = "attached" | "launched";

/** What is to be tried. */
export interface Try {
  readonly hosting: typeof HOSTINGS[number];
  readonly end: "deadline" | "SIGINT" | "SIGTERM" | "SIGKILL";
  readonly does: Order["does"];
  /** The programs that the script has. */
  readonly origins: readonly Origin[];
  /** How long it may take, in milliseconds. */
  readonly limit: number;
  /** Whether nothing comes of it until somebody reads what the script prints. */
  readonly waits: boolean;
}

/** Whether its end is the script's death, with nobody left to let its programs go: Windows has no `SIGTERM`. */
export function isDeath({ hosting, end }: Pick<Try, "hosting" | "end">): boolean {
  return (hosting === "worker" || hosting === "inline") && (end === "SIGTERM" || end === "SIGKILL");
}

/** What came of it. */
export interface Outcome {
  /** The exit code, or nothing where the script did not end in time. */
  readonly code: number | undefined;
  /** What became of the programs. */
  readonly fates: Readonly<Partial<Record<Origin, string>>>;
}

/** How a process ended, and when, in milliseconds of the clock. */
interface Ended {
  readonly code: number;
  readonly time: number;
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A script with its programs. */
class Trial {
  readonly #one: Try;
  readonly #scenes: Readonly<Record<Origin, Scene>>;
  readonly #silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });

  constructor(one: Try, scenes: Readonly<Record<Origin, Scene>>) {
    this.#one = one;
    this.#scenes = scenes;
  }

  async run(bench: Bench): Promise<Outcome> {
    const child = this.#start(bench, await this.#order());
    const ended = child.status.then(({ code }) => ({ code, time: Date.now() }));
    try {
      const began = await ready(child);
      let begin = this.#one.hosting === "confined" ? began + DEADLINE : Date.now() + OWN_DEADLINE;
      await this.#settled(child);
      const hosts = hostsOf(child.pid);
      if (this.#one.end !== "deadline") begin = await this.#kill(child, this.#one.end);
      if (this.#one.waits) begin = await this.#read(child, begin);
      return await this.#outcome(ended, hosts, begin);
    } finally {
      this.#silent.close();
      await discard(child);
    }
  }

  /** Starts the program to attach to, and makes what the script is told. */
  async #order(): Promise<Order> {
    const { hosting, does, end, origins } = this.#one;
    const { attached, launched } = this.#scenes;
    const options = ["holds", "stops", "prints"].includes(does) ? ["--raise"] : [];
    if (origins.includes("attached")) await attached.start(...options);
    if (does === "programFloods") options.push("--prints");
    return {
      ...{ hosting, does, port: (this.#silent.addr as Deno.NetAddr).port },
      ...(origins.includes("attached") ? { attach: attached.target.name } : {}),
      ...(origins.includes("launched") ? { launch: [...launched.target.command, ...options] } : {}),
      ...(end === "deadline" && hosting !== "confined" ? { deadline: OWN_DEADLINE } : {}),
    };
  }

  #start(bench: Bench, order: Order): Deno.ChildProcess {
    const { hosting, end } = this.#one;
    const { host } = this.#scenes.attached;
    const options = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
    const flags = ["run", "--no-prompt", "--no-check"];
    const text = JSON.stringify(order);
    if (hosting === "worker" || hosting === "inline") {
      return host.command("deno.exe", [...flags, "--allow-ffi", host.windowsPath(SCRIPT), text], options).spawn();
    }
    if (hosting === "host") {
      const args = [...flags, "--allow-run", SCRIPT, text];
      return new Deno.Command(Deno.execPath(), { args, env: bench.env, ...options }).spawn();
    }
    const rights = ["attach", "launch", "execute", "connect"].map((right) => `--allow-${right}`);
    const deadline = end === "deadline" ? [`--deadline=${DEADLINE / 1_000}`] : [];
    return bench.command(["run", "--no-prompt", ...rights, ...deadline, SCRIPT, text], options).spawn();
  }

  /** Resolves when what the script is about is under way. */
  async #settled(child: Deno.ChildProcess): Promise<void> {
    const { does } = this.#one;
    if (does === "connects") return (await this.#silent.accept()).close();
    if (does === "prints") return await this.#readSlowly(child);
    if (does === "programFloods" && this.#one.origins.includes("launched")) {
      return await rests(this.#scenes.launched.target);
    }
    await pause(700);
  }

  /** A script that dies has to be in the middle of printing: then nobody reads at that moment. */
  async #readSlowly(child: Deno.ChildProcess): Promise<void> {
    const readOn = await readSome(child);
    if (!isDeath(this.#one)) readOn();
    else await rests(this.#scenes[this.#one.origins[0] ?? "attached"].target);
  }

  /** Ends the script; gives the time of that. Where its program runs, not in a moment in which the engine has suspended it. */
  async #kill(child: Deno.ChildProcess, signal: Deno.Signal): Promise<number> {
    const { does, origins } = this.#one;
    const [origin = "attached"] = origins;
    const isRunning = does === "runs" || does === "programFloods" && origin === "attached";
    if (isRunning) await stopWhileRunning(child.pid, [this.#scenes[origin].target]);
    const begin = Date.now();
    child.kill(signal);
    if (isRunning && signal !== "SIGKILL") child.kill("SIGCONT");
    return begin;
  }

  /** Begins to read what the script prints, once nothing has come of its end; gives the time of that. */
  async #read(child: Deno.ChildProcess, begin: number): Promise<number> {
    assert.equal(await within(begin + WAITS - Date.now(), child.status), false, "it has ended");
    child.stdout.pipeTo(new WritableStream());
    return Date.now();
  }

  /** What has come of it by the time that it may take after `begin`. */
  async #outcome(ended: Promise<Ended>, hosts: readonly number[], begin: number): Promise<Outcome> {
    const { limit, origins } = this.#one;
    const left = (): number => begin + limit - Date.now();
    if (!await within(Math.max(left(), 0), ended)) return { code: undefined, fates: {} };
    const { code, time } = await ended;
    assert.ok(time - begin < limit, `it took ${time - begin} ms`);
    const fates: Partial<Record<Origin, string>> = {};
    for (const origin of ["launched", "attached"] as const) {
      if (origins.includes(origin)) fates[origin] = await fateOf(this.#scenes[origin], origin, left());
    }
    for (; hosts.some(isProcess); await pause(20)) assert.ok(left() > -LOOK, "a host is there");
    return { code, fates };
  }
}

/** Resolves when the script is where it is to be, with the time at which its process began, in milliseconds of the clock. */
async function ready(child: Deno.ChildProcess): Promise<number> {
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  const [, time] = /^ready (\d+)\r?\n/.exec(new TextDecoder().decode(value)) ?? assert.fail("it did not come so far");
  return Number(time);
}

/** Reads slowly what the script prints, more than a pipe holds; gives a function that reads on to its end. */
async function readSome(child: Deno.ChildProcess): Promise<() => void> {
  const reader = child.stdout.getReader();
  const read = async (): Promise<number> => {
    await pause(250);
    return (await reader.read()).value?.length ?? 0;
  };
  for (let left = 200_000; left > 0;) left -= await read() || assert.fail("it has ended");
  return async () => {
    while (await read() > 0) { /* to its end */ }
  };
}

/** Ends the script, if it is still there, and whatever reads from it. */
async function discard(child: Deno.ChildProcess): Promise<void> {
  try {
    child.kill("SIGKILL");
  } catch { /* it has ended */ }
  await child.status;
  await Promise.allSettled(
    [child.stdout, child.stderr].filter(({ locked }) => !locked).map((stream) => stream.cancel()),
  );
}

/** What has become of a program, as soon as it is what it should be: that an attached one runs on, that a launched one is gone. */
async function fateOf(here: Scene, origin: Origin, patience: number): Promise<string> {
  if (origin === "attached") {
    if (await counts(here.target, Math.max(patience, LOOK)) && await isThere(here)) return "runs on";
    return await standing(here);
  }
  const end = performance.now() + patience;
  do if (!await isThere(here)) return "gone"; while (performance.now() < end);
  return await counts(here.target, LOOK) ? "runs on" : await standing(here);
}

async function standing(here: Scene): Promise<string> {
  if (!await isThere(here)) return "gone";
  await stands(here.target);
  return "suspended";
}

/** Resolves when it does not count any more. */
async function rests(target: Target): Promise<void> {
  for (let before = -1; target.count() > before;) {
    before = target.count();
    await pause(LOOK);
  }
}

/** Tries it. */
export async function attempt(one: Try): Promise<Outcome> {
  await using bench = await Bench.make();
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  await scene((attached) =>
    scene(async (launched) => resolve(await new Trial(one, { attached, launched }).run(bench)))
  );
  return await promise;
}
