/**
 * Rules of our own, each against something that debuggers get wrong, and the tests that show it. tests/dev/statements_test.ts
 * fails when one has no test.
 */
import type { Shown } from "./shown.ts";

/** By id. */
export const RULES: Readonly<Record<string, Shown>> = {
  R1: {
    says: "Handlers are there before the attach: the first module is seen, every time.",
    on: ["D", "F"],
    tests: [
      ["live/races_test.ts", "the first modules of … launched programs (…) are those that a native client sees"],
      ["session/lifecycle_test.ts", "a handler of programCreate adds handlers for that program"],
    ],
  },
  R2: {
    says: "A program is let go with an event pending, and runs on.",
    on: ["D"],
    tests: [["live/attach_test.ts", "disposal lets an attached program run on, also with an event pending (…)"]],
  },
  R3: {
    says: "A program is let go while it runs, and runs on.",
    on: ["D", "V"],
    tests: [
      ["live/attach_test.ts", "attach() by name, wait, and detach while it runs (…)"],
      ["v8/attach_test.ts", "…: an attach breaks in, a detach lets the program go on"],
    ],
  },
  R4: {
    says: "An attached program survives the debugger that is killed.",
    on: ["D", "V"],
    tests: [
      ["host/ends_test.ts", "a script (…) that …, and …: …"],
      ["v8/port_test.ts", "a program goes on when its debugger is killed"],
    ],
  },
  R5: {
    says: "A program that ends during its attach fails it with a kind of its own.",
    on: ["D", "F"],
    tests: [
      ["live/races_test.ts", "… programs that end while they are attached to (…) give the same error"],
      ["session/lifecycle_test.ts", "a program that ends before it is complete fails the attach"],
    ],
  },
  R6: {
    says: "A handler that throws is told of; the program goes on, and other handlers are called.",
    on: ["D", "F"],
    tests: [
      ["live/handlers_test.ts", "a handler (…) that throws is told of, and the program goes on"],
      ["session/waiting_test.ts", "an error of a handler that nobody waits for is kept for the next wait"],
    ],
  },
  R7: {
    says: "A handler that hangs is cut off, and does not hold the program for ever.",
    on: ["D"],
    tests: [
      ["live/handlers_test.ts", "a handler (…) that hangs is cut off at the deadline, and the program goes on"],
      ["live/handlers_test.ts", "a handler (…) that hangs holds an attached program no longer"],
    ],
  },
  R8: {
    says: "A wait that is aborted ends soon, with the programs stopped.",
    on: ["D", "F"],
    tests: [
      ["live/interrupt_test.ts", "wait() (…) that is aborted leaves the program stopped and the session usable"],
      ["session/waiting_test.ts", "an aborted wait that was the only one leaves the programs stopped"],
    ],
  },
  R9: {
    says: "A script cannot attach to itself.",
    on: ["D", "V"],
    tests: [
      ["live/bad_input_test.ts", "a session (…) refuses …"],
      ["v8/port_test.ts", "processes that are not there, are no runtime or are ourselves are refused"],
    ],
  },
  R10: {
    says: "Of several handlers' answers the least execution wins.",
    on: ["D"],
    tests: [["live/handlers_test.ts", "of handlers (…) that answer … to an exception, the least execution wins"]],
  },
  R11: {
    says: "Disposal can be repeated, and leaves no engine, no thread and no connection.",
    on: ["D", "F"],
    tests: [
      ["session/session_test.ts", "disposal lets programs go as they came, in their order, and closes the engine once"],
      ["session/engines_test.ts", "disposal while both engines run stops both, lets all go and closes both"],
      ["live/bad_state_test.ts", "a second session (…) is refused while the first lives, and works after it"],
    ],
  },
  R12: {
    says: "A launch that fails leaves no process.",
    on: ["D", "F"],
    tests: [
      ["live/races_test.ts", "… launches that are given up (…) leave no process"],
      ["session/lifecycle_test.ts", "an error in a handler before the program is there fails the attach"],
    ],
  },
};
