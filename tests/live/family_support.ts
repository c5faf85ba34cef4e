/** Trees of family.exe under several names, and what each of their processes says of itself. */
import { join } from "node:path";
import type { ChildPolicy } from "../../mod.ts";
import { debuggee, scratch } from "./support.ts";

/** A process of a tree: the file name that it runs under, and its children. */
export interface Member {
  readonly name: string;
  readonly children: readonly Member[];
}

/** What a process wrote of itself. */
export interface Report {
  readonly pid: number;
  /** Id of its main thread. */
  readonly tid: number;
  readonly parent: number;
  /** How long its own exceptions took. */
  readonly microseconds: number;
  readonly exitCode: number;
}

/** A process of a tree that has run. */
export interface Relative {
  readonly label: string;
  readonly name: string;
  /** What becomes of it by the policies; `unseen`: one of its ancestors is not debugged. */
  readonly fate: ChildPolicy | "unseen";
  readonly report: Report;
}

/** A process of a tree. */
export function member(name: string, ...children: readonly Member[]): Member {
  return { name: `${name}.exe`, children };
}

/** A folder with a copy of family.exe for every name, for one run of a tree. */
export class Family implements Disposable {
  readonly #folder = scratch();
  readonly #root: Member;
  readonly #exceptions: number;

  constructor(root: Member, exceptions: number) {
    this.#root = root;
    this.#exceptions = exceptions;
    for (const name of new Set(names(root))) Deno.copyFileSync(debuggee("family.exe"), join(this.#folder.path, name));
  }

  /** What is to be launched. */
  get command(): string[] {
    const { path } = this.#folder;
    return [join(path, this.#root.name), path, String(this.#exceptions), plan(this.#root.children)];
  }

  /** Every process of the tree once it has run, the root first. */
  relatives(policies: Readonly<Record<string, ChildPolicy>>): Relative[] {
    return this.#relatives(this.#root, "0", "follow", policies);
  }

  #relatives(
    { name, children }: Member,
    label: string,
    fate: Relative["fate"],
    policies: Readonly<Record<string, ChildPolicy>>,
  ): Relative[] {
    const report = JSON.parse(Deno.readTextFileSync(join(this.#folder.path, `${label}.json`))) as Report;
    const below = children.flatMap((child, index) => {
      const childFate = fate === "follow" ? policies[child.name] ?? "unseen" : "unseen";
      return this.#relatives(child, `${label}.${index}`, childFate, policies);
    });
    return [{ label, name, fate, report }, ...below];
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

function names({ name, children }: Member): string[] {
  return [name, ...children.flatMap(names)];
}

function plan(children: readonly Member[]): string {
  return children.map((child) => child.name + (child.children.length > 0 ? `(${plan(child.children)})` : "")).join(" ");
}
