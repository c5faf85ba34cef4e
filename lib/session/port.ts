import { StateError } from "./errors.ts";

/** How long whoever is at a port may take to answer, in milliseconds, unless a connection says otherwise. */
export const ANSWERS = 10_000;

/** What ports have in common that hold no connection: there is nothing to let go of, and nothing that could be ended. */
export abstract class UnconnectedPort implements AsyncDisposable {
  /** What it was connected with. */
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** There is no connection to close. */
  async disconnect(): Promise<void> {}

  /** Refused: nothing serves this port. */
  shutdown(): Promise<void> {
    const text = `Cannot shut "${this.name}" down: no server of its own serves it; terminate its programs instead`;
    return Promise.reject(new StateError("no-program", text));
  }

  /** There is no connection to close. */
  async [Symbol.asyncDispose](): Promise<void> {}
}
