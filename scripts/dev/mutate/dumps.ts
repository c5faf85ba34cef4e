import type { Mutation } from "./mutation.ts";

/** Of dumps that are opened. */
export const DUMPS: readonly Mutation[] = [
  {
    name: "place-of-who-wrote-it",
    file: "lib/dbgeng/thread/dump_looks.ts",
    text: "focus.threadId === threadId ? dump.context : undefined",
    replacement: "undefined",
    tests: ["live/open_dump"],
    meaning: "the exception's thread is shown in what wrote the dump",
  },
  {
    name: "locals-of-the-innermost",
    file: "lib/dbgeng/thread/variables.ts",
    text: "setScope(objects, frame); // counts from the registers of the scope, as `.frame` does behind `.cxr`",
    replacement: "if (!context) setScope(objects, frame);",
    tests: ["live/open_dump"],
    meaning: "each frame of such a thread has the innermost one's locals",
  },
  {
    name: "dumps-that-stay-open",
    file: "lib/dbgeng/thread/dump_looks.ts",
    text: "if (this.#dump) closeDump(this.engine.objects);",
    replacement: "",
    tests: ["live/open_dump"],
    meaning: "the next session of the process meets a dump",
  },
  {
    name: "dumps-that-run",
    file: "lib/dbgeng/thread/dump_looks.ts",
    text: "if (movesProgram(text) || OPENS.test(text)) this.refuseDump",
    replacement: "if (text === '') this.refuseDump",
    tests: ["live/open_dump"],
    meaning: "a command that has a program run gets to an engine that has none",
  },
  {
    name: "dumps-for-the-confined",
    file: "lib/script/guard.ts",
    text: 'openDump: () => cannot("open a dump", "use latch dump show")',
    replacement: "openDump: async ([path]) => await this.#engine.call('openDump', path as string, null)",
    tests: ["script/guard_test"],
    meaning: "a confined script opens any dump",
  },
];
