/**
 * What Microsoft's five pages state about attaching, one line each, and the tests that show it: AttachProcess (A),
 * ConnectProcessServer (C), attaching and detaching (D), attaching to the program (P), attach after a launch (L).
 * tests/dev/statements_test.ts fails when one has no test.
 */
import type { Shown, TestReference } from "./shown.ts";

const COMBINATIONS = "the session's rules are the engine's, for all 32 combinations of the five flags";
const LIVE_LIFE: TestReference = [
  "live/lifecycle_test.ts",
  "a launched program (…) has each event of its life once, in their order",
];
const LIVE_ATTACH: TestReference = [
  "live/statements_test.ts",
  "attach() (…) on this machine takes the third way, and is complete when it resolves",
];
const LIVE_SERVER: TestReference = [
  "live/statements_test.ts",
  "attach() and launch() (…) through a process server are the port's, by the one engine",
];
const LIVE_CODE: TestReference = [
  "live/statements_test.ts",
  "a launched program's own code (…) has not run while handlers of its first events take their time",
];
const LIVE_DETACH: TestReference = [
  "live/lifecycle_test.ts",
  "attach() (…) has no entry point, and detach() is the last that is heard of it",
];
const V8_ATTACH: TestReference = ["v8/session_test.ts", "…: a session attaches by the program's own engine"];
const V8_LAUNCH: TestReference = [
  "v8/session_test.ts",
  "…: a session launches, and the program's code runs when the last handler has answered",
];
const V8_LIFE: TestReference = ["v8/launch_test.ts", "…: a launched program tells its life in order, with one id"];
const WAYS: TestReference = ["session/attach_ways_test.ts", "the way of a program: onAttach …, the port's attach …"];
const LOADED: TestReference = [
  "session/attach_ways_test.ts",
  "an engine is loaded when a program first needs it, once",
];
const ONE_ID: TestReference = [
  "session/attach_ways_test.ts",
  "one id names a program for its port, its engine, its events",
];
const SLOW: TestReference = ["session/lifecycle_test.ts", "a slow handler of … delays all that follows"];
const PORT_LAUNCH: TestReference = [
  "session/attach_ways_test.ts",
  "a launch through a port runs nothing before handlers have answered",
];

/** By id. */
export const STATEMENTS: Readonly<Record<string, Shown>> = {
  A1: {
    says: "Server zero means that the process is here, without a process server.",
    on: ["D", "F"],
    tests: [["session/native_ports_test.ts", "this machine is server zero"], LIVE_ATTACH],
  },
  A2: {
    says: "Any other server is a handle, and the attach goes through that process server.",
    on: ["D", "F"],
    tests: [
      ["session/native_ports_test.ts", "a server's handle reaches attach and launch in all its 64 bits"],
      ["live/process_server_test.ts", "a session (…) lists, attaches and detaches through a process server"],
    ],
  },
  A3: {
    says: "An attach is complete only when the engine has waited for an event.",
    on: ["D", "V", "F"],
    tests: [
      LIVE_ATTACH,
      V8_ATTACH,
      ["session/lifecycle_test.ts", "an attach that never comes up pends, rejects when its signal aborts"],
    ],
  },
  A4: {
    says: "The process can be used once it has brought an event about, such as its creation.",
    on: ["D"],
    tests: [LIVE_ATTACH, LIVE_LIFE],
  },
  A5: {
    says: "A noninvasive attach goes neither with an existing one, nor without the initial break, nor with resume.",
    on: ["D", "F"],
    tests: [
      ["live/attach_options_test.ts", COMBINATIONS],
      ["live/attach_options_test.ts", "options that do not go together are refused before there is an engine"],
      ["session/options_test.ts", "every combination of the options' values is judged by Microsoft's rules"],
    ],
  },
  A6: {
    says: "Taking up an abandoned process goes with no other option.",
    on: ["D", "F"],
    tests: [
      ["live/attach_options_test.ts", COMBINATIONS],
      ["session/options_test.ts", "attach options that do not go together are refused, naming those that clash"],
    ],
  },
  A7: {
    says: "Not suspending the threads is for noninvasive attaches only.",
    on: ["D", "F"],
    tests: [
      ["live/attach_options_test.ts", COMBINATIONS],
      ["live/attach_options_test.ts", "attach() with noninvasive: … only looks (…)"],
      ["session/options_test.ts", "values that an attach option does not take are refused"],
    ],
  },
  A8: {
    says: "Without the initial break nothing is broken into: the process runs on.",
    on: ["D"],
    tests: [
      ["live/attach_options_test.ts", "attach() with initialBreak: false and resume: … lets it run (…)"],
      ["live/attach_test.ts", "attach() without an initial break leaves it running (…)"],
    ],
  },
  A9: {
    says: "Resume has a suspended process begin, as -pr does.",
    on: ["D"],
    tests: [
      [
        "live/attach_options_test.ts",
        "attach() with resume starts a process that was created suspended; without, it stays so (…)",
      ],
      ["live/attach_options_test.ts", "attach() with resume and without initial break starts a suspended process (…)"],
    ],
  },
  A10: {
    says: "S_OK or an error's code; live processes in user mode only.",
    on: ["D", "T"],
    tests: [
      [
        "dbgeng/failures_test.ts",
        "every code of an attach has its kind, its symbol and a message of one line with a next step",
      ],
      ["live/bad_input_test.ts", "a session (…) refuses …"],
    ],
  },
  A11: {
    says: "What is attached to can be detached, abandoned or terminated; others are created.",
    on: ["D"],
    tests: [
      ["live/attach_test.ts", "attach() by name, wait, and detach while it runs (…)"],
      ["live/abandon_test.ts", "an abandoned program is taken up by the same session, and runs on after it (…)"],
      ["live/ended_test.ts", "terminate() ends a program that runs (…)"],
    ],
  },
  C1: {
    says: "The options of a connection are the text that -premote takes.",
    on: ["D", "F"],
    tests: [
      ["session/native_ports_test.ts", "connect() hands its text on as it is"],
      ["live/process_server_test.ts", "a session (…) lists, attaches and detaches through a process server"],
    ],
  },
  C2: {
    says: "It gives a handle, with which processes there are attached to and created.",
    on: ["D"],
    tests: [
      LIVE_SERVER,
      ["live/process_server_test.ts", "a session (…) launches through a process server and sees its events"],
    ],
  },
  C3: {
    says: "Another code than S_OK is a failure.",
    on: ["D", "T"],
    tests: [
      ["live/process_server_test.ts", "connect() (…) tells the address at which nothing serves"],
      ["dbgeng/failures_test.ts", "the failure of a process server that has gone is left to who knows its address"],
    ],
  },
  C4: {
    says: "A connection is let go with the server running on, or the server is ended.",
    on: ["D"],
    tests: [
      ["live/process_server_test.ts", "a port (…) that was let go refuses, and its server answers others"],
      ["live/process_server_test.ts", "disposal (…) ends what was launched through a process server, which serves on"],
      ["live/process_server_test.ts", "shutdown() (…) ends the process server"],
    ],
  },
  D1: { says: "The session asks the program's node first.", on: ["F", "V"], tests: [WAYS, V8_ATTACH, V8_LAUNCH] },
  D2: { says: "If the node has attached, no engine's attach is called.", on: ["F", "V"], tests: [WAYS, V8_ATTACH] },
  D3: { says: "Otherwise the engine's attach is called.", on: ["F", "D"], tests: [WAYS, LIVE_ATTACH] },
  D4: {
    says: "Then the node names its engine, which is made and told to attach.",
    on: ["F", "D"],
    tests: [LOADED, LIVE_ATTACH],
  },
  D5: {
    says: "engineCreate comes first, once for each engine, and is answered before the rest.",
    on: ["D", "V", "F"],
    tests: [LIVE_LIFE, V8_LIFE, SLOW, [
      "session/lifecycle_test.ts",
      "an event before engineCreate is a defect, and so is a second engineCreate",
    ]],
  },
  D6: {
    says: "programCreate follows, and is answered before any event of the program.",
    on: ["D", "V", "F"],
    tests: [LIVE_CODE, V8_LAUNCH, SLOW, [
      "live/lifecycle_test.ts",
      "a handler of programCreate (…) listens to its program from its first module on",
    ]],
  },
  D7: {
    says: "loadComplete stops the program, whose own code has not run.",
    on: ["D", "V", "F"],
    tests: [LIVE_CODE, V8_LAUNCH, [
      "session/lifecycle_test.ts",
      "a program is stopped at its loadComplete; told to go on, it runs when attach resolves",
    ], ["v8/launch_test.ts", "…: a launched program's code has not run before loadComplete was answered"]],
  },
  D8: {
    says: "To detach, the session tells the engine to: the program runs on without it.",
    on: ["D", "V"],
    tests: [LIVE_DETACH, V8_ATTACH],
  },
  D9: {
    says: "The engine answers with programDestroy, the last of the program's events.",
    on: ["D", "F"],
    tests: [
      LIVE_DETACH,
      ["session/lifecycle_test.ts", "programDestroy comes once, and nothing of the program after it"],
      [
        "session/lifecycle_test.ts",
        "detach brings exactly one programDestroy, and the process can be attached to again",
      ],
    ],
  },
  P1: {
    says: "A port must know a program before it can be attached to.",
    on: ["D", "V"],
    tests: [LIVE_SERVER, [
      "v8/port_test.ts",
      "processes that are not there, are no runtime or are ourselves are refused",
    ]],
  },
  P2: { says: "There are three ways to attach, tried in one order.", on: ["F"], tests: [WAYS] },
  P3: {
    says: "An engine that launches its program inside of it is asked by onAttach.",
    on: ["F", "V"],
    tests: [V8_LAUNCH, PORT_LAUNCH],
  },
  P4: {
    says: "A port that launches, as remote ones do, attaches by itself.",
    on: ["D", "F"],
    tests: [LIVE_SERVER, PORT_LAUNCH],
  },
  P5: { says: "In the last way the engine is loaded, unless it is there.", on: ["F"], tests: [LOADED] },
  P6: { says: "A port may call the engine's attach itself.", on: ["D", "F"], tests: [LIVE_SERVER, WAYS] },
  P7: {
    says: "A port refuses a program that another session debugs; a cookie tells sessions apart.",
    on: ["F"],
    tests: [["session/attach_ways_test.ts", "a cookie tells sessions apart: a port refuses a program"]],
  },
  P8: {
    says: "An engine inside a program tells its machine, its process and the program's name.",
    on: ["V"],
    tests: [["v8/attach_test.ts", "…: the node tells where the program is"]],
  },
  P9: {
    says: "The engine keeps the program's id and gives it back with each event.",
    on: ["D", "V", "F"],
    tests: [LIVE_LIFE, V8_LIFE, ONE_ID],
  },
  P10: { says: "The port's program and the engine's are two objects.", on: ["F"], tests: [ONE_ID] },
  P11: {
    says: "engineCreate, the program's id, programCreate: in this order.",
    on: ["D", "F"],
    tests: [LIVE_LIFE, [
      "session/lifecycle_test.ts",
      "an attach fails with the engine's defect, and the next one works",
    ]],
  },
  L1: {
    says: "The session makes the engine, in an address space that they share.",
    on: ["D"],
    tests: [LIVE_ATTACH, ["live/engine_test.ts", 'a session (…) takes the engine of the option "engine"']],
  },
  L2: {
    says: "Or the runtime makes the engine, in the program's address space.",
    on: ["V"],
    tests: [["v8/port_test.ts", "a program goes on when its debugger is killed"], V8_ATTACH],
  },
  L3: {
    says: "How engine and program talk to each other is their own matter.",
    on: ["T", "F"],
    tests: [
      ["dev/layers_test.ts", "layers: no import from further right"],
      ["session/engines_test.ts", "the programs of all engines are the session's, and each knows its engine"],
    ],
  },
  L4: {
    says: "With the attach comes the callback, by which all events are told.",
    on: ["F"],
    tests: [[
      "session/attach_ways_test.ts",
      "the callback of its attach is an engine's only way to tell the session of events",
    ]],
  },
  L5: { says: "Where the node attaches, it is given the program's id.", on: ["V", "F"], tests: [V8_LIFE, WAYS] },
  L6: {
    says: "After the attach come the first events; an entry point has a launched program only.",
    on: ["D", "V", "F"],
    tests: [LIVE_LIFE, LIVE_DETACH, V8_ATTACH, V8_LIFE, [
      "session/lifecycle_test.ts",
      "a wait fails with the engine's defect, and the session goes on",
    ]],
  },
  L7: {
    says: "A launched program goes on when its program was told of and the answer has come.",
    on: ["D", "V", "F"],
    tests: [LIVE_CODE, V8_LAUNCH, PORT_LAUNCH, [
      "session/native_ports_test.ts",
      "a launched program's own code runs only after programCreate and loadComplete were answered",
    ]],
  },
};
