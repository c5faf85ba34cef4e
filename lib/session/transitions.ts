import { EngineError } from "./errors.ts";

/**
 * Every state that execution has, and what leads from it to which other one. What has no entry here cannot happen: should it
 * happen all the same, it is a defect. Drawn in lib/README.md.
 */
const TRANSITIONS = {
  // What a session wants of its programs: to stay as they are, to run, to run until an interrupt is told; in the end, nothing.
  rest: { start: "go", tell: "rest", close: "closed" },
  go: { start: "go", interrupt: "interrupt", tell: "rest", close: "closed" },
  interrupt: { start: "interrupt", interrupt: "interrupt", tell: "rest", close: "closed" },
  closed: { tell: "closed" },

  // What the programs of one engine do. While an event is with its handlers they are stopped, though the engine is inside `run`:
  // `handling`; `parting` at the end of one, which cannot hold the others.
  stopped: { start: "starting" },
  starting: { run: "running", return: "stopped" },
  running: { stop: "stopping", report: "handling", part: "parting", return: "stopped" },
  stopping: { report: "handling", part: "parting", return: "stopped" },
  handling: { goOn: "running", hold: "stopping", return: "stopped" },
  parting: { goOn: "running", hold: "stopping", return: "stopped" },

  // How far an attach or a launch is. `refused` and `unwanted` have failed, and their program may come up yet.
  asking: { asked: "coming", fail: "refused", appear: "there", vanish: "failed" },
  refused: { asked: "unwanted", appear: "failed", vanish: "failed" },
  coming: { appear: "there", fail: "unwanted", vanish: "failed" },
  unwanted: { appear: "failed", vanish: "failed" },
  there: { complete: "complete", fail: "failed" },
  complete: {},
  failed: {},
} as const satisfies Record<string, Readonly<Record<string, string>>>;

/** Any state. */
export type State = keyof typeof TRANSITIONS;

/** What leads from a state to another. */
export type Input = { [S in State]: keyof typeof TRANSITIONS[S] }[State];

/** One thing that has a state, which it leaves only as the table says. */
export class Machine<S extends State> {
  readonly #what: string;
  #state: S;

  /** `what` names it in a defect's text. */
  constructor(what: string, state: S) {
    this.#what = what;
    this.#state = state;
  }

  /** Whether its state is one of these. */
  is(...states: readonly S[]): boolean {
    return states.includes(this.#state);
  }

  /** @throws {EngineError} kind `defect`, when nothing of that kind can happen in its state. */
  move(input: Input): void {
    const to = (TRANSITIONS[this.#state] as Partial<Record<Input, State>>)[input];
    if (to === undefined) {
      const text = `${this.#what}: "${input}" cannot come in the state "${this.#state}"`;
      throw new EngineError("defect", `${text}; report this defect with session.trace`);
    }
    this.#state = to as S;
  }
}
