import type { Mutation } from "./mutation.ts";

/** Of programs behind an inspector. */
export const V8: readonly Mutation[] = [
  {
    name: "pause-not-looked-at",
    file: "lib/v8/target.ts",
    text: 'if (!this.#pause || this.#queue.some(({ kind }) => kind === "paused")) return;',
    replacement: "if (!this.#pause) return;",
    tests: ["v8/inspector"],
    meaning: "a program goes on over a pause that nobody has looked at: an event is lost",
  },
  {
    name: "interrupts-for-ever",
    file: "lib/v8/interrupt.ts",
    text: "clearInterval(this.#again);",
    replacement: "",
    tests: ["v8/inspector"],
    meaning: "a program that was interrupted once is paused again and again",
  },
  {
    name: "interrupt-at-an-event",
    file: "lib/v8/life.ts",
    text: 'if (this.interrupt.isWanted && this.#target.pause) status = yield this.#stop("interrupt");',
    replacement: "",
    tests: ["v8/inspector"],
    meaning: "a program runs on for 300 ms when an interrupt comes while an event is handled",
  },
];
