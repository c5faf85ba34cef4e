import type { Mutation } from "./mutation.ts";

/** Of sessions, and of engines on the other side of a stream. */
export const REMOTE: readonly Mutation[] = [
  {
    name: "lost-and-alive",
    file: "lib/session/lifecycle.ts",
    text: 'this.#stages.set(programId, "destroyed");',
    replacement: "",
    tests: ["session/lifecycle"],
    meaning: "what an engine tells of a program that it has lost is no defect",
  },
  {
    name: "waiting-without-bound",
    file: "lib/remote/serve.ts",
    text: "export const MAX_WAITING = 32 << 20;",
    replacement: "export const MAX_WAITING = Infinity;",
    tests: ["script/held"],
    meaning: "a confined script fills its host's memory with calls that wait",
  },
  {
    name: "write-behind-a-hole",
    file: "lib/remote/remote_connection.ts",
    text: "if (count < piece.length) break;",
    replacement: "if (count === 0) break;",
    tests: ["remote/memory"],
    meaning: "bytes are written behind a gap, and the count is wrong",
  },
  {
    name: "answers-without-bound",
    file: "lib/remote/serve.ts",
    text: "await this.#wire.drained(); // a client that asks and does not read fills no memory here",
    replacement: "",
    tests: ["script/held"],
    meaning: "a client that asks and does not read fills its host's memory with answers",
  },
  {
    name: "attached-as-launched",
    file: "lib/dbgeng/custody.ts",
    text: 'event.type === "createProcess" && !this.#programs.has(event.processId)',
    replacement: 'event.type === "createProcess"',
    tests: ["dbgeng/custody"],
    meaning: "an attached program that comes up while a launch is awaited is ended when the client hangs up",
  },
];
