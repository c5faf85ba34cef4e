/** Wrong arguments, for every public method: refused with words before any engine or port is asked, and the session goes on. */
import assert from "node:assert/strict";
import {
  attach,
  connect,
  DebugSession,
  launch,
  Memory,
  openDump,
  type Port,
  Program,
  ProgramView,
  quoteCommandLine,
  SessionManager,
  startProcessServer,
  Thread,
  TypedValue,
} from "../../mod.ts";
import { openEngine } from "../../lib/dbgeng/mod.ts";
import { runScript } from "../../lib/script/run_script.ts";
import { World } from "./fake_world.ts";

/** What a call is made with. */
interface Setting {
  readonly session: SessionManager;
  readonly program: Program;
  readonly port: Port;
}

type Act = (setting: Setting, value: never) => unknown;

interface Row {
  readonly act: Act;
  /** Of the wrong type, or no such thing: a TypeError. */
  readonly types: readonly unknown[];
  /** Of the right type, and beyond what can be: a RangeError. */
  readonly ranges?: readonly unknown[];
}

const NO_TEXTS = [1, 5n, null, undefined, {}, ["a"], true, "a\0b", "\0"];
const NO_NAMES = [...NO_TEXTS, "", "  "];
const NO_OPTIONS = [null, 1, "x", { signal: {} }, { signal: 5 }, { signal: null }, { signal: "now" }];
const NO_NUMBERS = ["5", 5n, null, {}, [5], true];
const NO_INTEGERS = [NaN, 1.5, -1, Infinity, -Infinity, 2 ** 32, 2 ** 53, 1e300];
const NO_BIGINTS = [5, "5", null, undefined, {}, NaN];
const NO_ADDRESSES = [-1n, 1n << 64n, -(1n << 63n), 1n << 100n];
const NO_FUNCTIONS = [null, undefined, "f", {}, 5];
const NO_FLAGS = ["yes", 1, 0, null, "false", {}];
const NO_SESSIONS = [
  ...[null, 5, "x", { engine: 5 }, { engine: "" }, { engine: "C:\\a\0" }, { symbolPath: 5 }, { symbolPath: "a\0b" }],
  ...[{ hosting: "thread" }, { hosting: null }, { host: "ssh lab7" }, { host: [] }, { host: [5] }, { host: ["a\0"] }],
  ...[{ host: [""] }, { host: null }, { onHostText: "x" }, { onHostText: null }],
];

const attachWith = (options: Record<string, unknown>): Act => ({ session, port }, value) => {
  const [name = ""] = Object.keys(options);
  return session.attach(7, { port, ...options, [name]: value } as never);
};
const launchWith = (name: string): Act => ({ session, port }, value) =>
  session.launch(["a.exe"], { port, [name]: value } as never);

const ROWS: Readonly<Record<string, Row>> = {
  "SessionManager.on, its event": {
    act: ({ session }, name) => session.on(name, () => {}),
    types: ["nothing", "", null, undefined, 5, {}, "__proto__", "toString"],
  },
  "SessionManager.on, its handler": { act: ({ session }, f) => session.on("exception", f), types: NO_FUNCTIONS },
  "SessionManager.on, its options": {
    act: ({ session }, options) => session.on("exception", () => {}, options),
    types: NO_OPTIONS,
  },
  "SessionManager.on, its program": {
    act: ({ session }, program) => session.on("exception", () => {}, { program }),
    types: [5, "app.exe", null, {}, { processId: 7 }],
  },
  "openEngine": {
    act: (_, options) => openEngine(options),
    types: [null, 5, { engine: 5 }, { engine: "" }, { engine: "a\0" }],
  },
  "SessionManager.attach, its target": {
    act: ({ session, port }, target) => session.attach(target, { port }),
    types: [
      ...[...NO_INTEGERS, 0, -0, "", " ", "a\0.exe", null, undefined, 5n, true, {}, [], { processId: "7" }],
      ...[{ processId: 0 }, { processId: 1.5 }, { processId: 2 ** 32 + 7 }, { processId: NaN }, { processId: -7 }],
    ],
  },
  "SessionManager.attach, its options": {
    act: ({ session }, options) => session.attach(7, options),
    types: NO_OPTIONS,
  },
  "SessionManager.attach, its port": {
    act: ({ session }, port) => session.attach(7, { port }),
    types: [null, 5, "local", {}],
  },
  "SessionManager.attach, initialBreak": { act: attachWith({ initialBreak: 0 }), types: NO_FLAGS },
  "SessionManager.attach, resume": { act: attachWith({ resume: 0 }), types: NO_FLAGS },
  "SessionManager.attach, existing": { act: attachWith({ existing: 0 }), types: NO_FLAGS },
  "SessionManager.attach, noninvasive": { act: attachWith({ noninvasive: 0 }), types: NO_FLAGS },
  "SessionManager.attach, children": {
    act: attachWith({ children: 0 }),
    types: ["none", "", 5, null, true, ["follow"], { "a.exe": "eat" }, { "a.exe": null }],
  },
  "SessionManager.launch, its command": {
    act: ({ session, port }, command) => session.launch(command, { port }),
    types: [...NO_NAMES.filter((value) => !Array.isArray(value)), [], [""].slice(1), ["a", 5], ["a\0"], [null], [
      "a",
      undefined,
    ]],
    ranges: ["a".repeat(32_767), ["a.exe", "x".repeat(32_770)], ['"'.repeat(20_000)]],
  },
  "SessionManager.launch, its options": {
    act: ({ session }, options) => session.launch(["a.exe"], options),
    types: NO_OPTIONS,
  },
  "SessionManager.launch, its port": {
    act: ({ session }, port) => session.launch(["a.exe"], { port }),
    types: [null, 5, "local", {}],
  },
  "SessionManager.launch, directory": {
    act: launchWith("directory"),
    types: NO_NAMES.filter((value) => value !== undefined),
  },
  "SessionManager.launch, environment": {
    act: launchWith("environment"),
    types: [
      ...[5, "A=1", null, ["A=1"], { A: 5 }, { A: null }, { A: undefined }, { A: "1\0B=2" }, { "": "x" }],
      ...[{ "A=B": "x" }, { "A\0": "x" }],
    ],
  },
  "SessionManager.launch, clearEnvironment": { act: launchWith("clearEnvironment"), types: NO_FLAGS },
  "SessionManager.launch, initialBreak": { act: launchWith("initialBreak"), types: NO_FLAGS },
  "SessionManager.launch, children": {
    act: launchWith("children"),
    types: ["none", "", 5, null, true, ["follow"], { a: 1 }],
  },
  "SessionManager.launch, its handlers": {
    act: ({ session, port }, on) => session.launch(["a.exe"], { port, on }),
    types: [{ nothing: () => {} }, { exception: 5 }, { exception: "f" }],
  },
  "SessionManager.connect, its address": { act: ({ session }, address) => session.connect(address), types: NO_TEXTS },
  "SessionManager.connect, its options": {
    act: ({ session }, options) => session.connect("a:1", options),
    types: NO_OPTIONS,
  },
  "SessionManager.connect, its timeout": {
    act: ({ session }, timeout) => session.connect("a:1", { timeout }),
    types: NO_NUMBERS,
    ranges: [0, -1, NaN, 0.5, Infinity, 2 ** 31],
  },
  "SessionManager.wait": { act: ({ session }, options) => session.wait(options), types: NO_OPTIONS },
  "SessionManager.run": { act: ({ session }, options) => session.run(options), types: NO_OPTIONS },
  "SessionManager.events": { act: ({ session }, options) => session.events(options).next(), types: NO_OPTIONS },
  "SessionManager.next, its event": {
    act: ({ session }, name) => session.next(name),
    types: ["nothing", "", null, undefined, 5, {}, "toString"],
  },
  "SessionManager.next, its options": {
    act: ({ session }, options) => session.next("exception", options),
    types: NO_OPTIONS,
  },
  "SessionManager.constructor, handlerDeadline": {
    act: (_, handlerDeadline) => new DebugSession({ handlerDeadline }),
    ...{ types: NO_NUMBERS, ranges: [NaN, 0, -1, -Infinity] },
  },
  "SessionManager.constructor, watchExit": { act: (_, watchExit) => new DebugSession({ watchExit }), types: NO_FLAGS },
  "DebugSession.constructor": { act: (_, options) => new DebugSession(options), types: NO_SESSIONS },
  "attach": { act: (_, target) => attach(target), types: [NaN, 0, -1, 1.5, 2 ** 32 + 7, "", "a\0", null, {}] },
  "attach, its options": { act: (_, options) => attach(7, options), types: NO_SESSIONS },
  "launch": { act: (_, command) => launch(command), types: [null, 5, "", [], ["a\0"]], ranges: ["a".repeat(32_767)] },
  "launch, its options": { act: (_, options) => launch(["a.exe"], options), types: NO_SESSIONS },
  "connect": { act: (_, address) => connect(address), types: NO_TEXTS },
  "connect, its options": { act: (_, options) => connect("a:1", options), types: NO_SESSIONS },
  "startProcessServer": { act: (_, options) => startProcessServer(options), types: NO_NAMES },
  "startProcessServer, its options": {
    act: (_, options) => startProcessServer("tcp:port=1", options),
    types: [...NO_OPTIONS, { engine: 5 }, { host: "ssh" }, { host: [] }],
  },
  "quoteCommandLine": { act: (_, args) => quoteCommandLine(args), types: [null, 5, "a b", {}, [5], ["a\0"], [null]] },
  "runScript, its times": {
    act: (_, deadline) => runScript("none.ts", { deadline }),
    ...{ types: NO_NUMBERS, ranges: [NaN, 0, -1, -Infinity] },
  },
  "runScript, its memory": {
    act: (_, memory) => runScript("none.ts", { memory }),
    ...{ types: NO_NUMBERS, ranges: [NaN, 0, -1, 0.5, -Infinity] },
  },
  "Program.on, its event": { act: ({ program }, name) => program.on(name, () => {}), types: ["nothing", "", null, 5] },
  "Program.on, its handler": { act: ({ program }, f) => program.on("exception", f), types: NO_FUNCTIONS },
  "Program.events": { act: ({ program }, options) => program.events(options).next(), types: NO_OPTIONS },
  "Program.wait": { act: ({ program }, options) => program.wait(options), types: NO_OPTIONS },
  "Program.run": { act: ({ program }, options) => program.run(options), types: NO_OPTIONS },
  "Program.next, its event": {
    act: ({ program }, name) => program.next(name),
    types: ["nothing", "", null, undefined, 5],
  },
  "Program.next, its options": { act: ({ program }, options) => program.next("exception", options), types: NO_OPTIONS },
  "Program.thread": {
    act: ({ program }, id) => program.thread(id),
    types: [...NO_NUMBERS, undefined],
    ranges: NO_INTEGERS,
  },
  "Program.nameAt": { act: ({ program }, at) => program.nameAt(at), types: NO_BIGINTS, ranges: NO_ADDRESSES },
  "Program.addressOf": { act: ({ program }, symbol) => program.addressOf(symbol), types: NO_NAMES },
  "Program.breakpoint, its place": {
    act: ({ program }, where) => program.breakpoint(where),
    types: [1, null, undefined, {}, ["a"], true, "a\0b", "", "  "],
    ranges: NO_ADDRESSES,
  },
  "Program.breakpoint, its options": {
    act: ({ program }, options) => program.breakpoint(1n, options),
    types: [
      ...NO_OPTIONS,
      ...[{ hit: 5 }, { hit: null }, { when: "x" }, { once: 1 }, { once: null }, { pass: "5" }, { pass: 5n }, {
        thread: 5,
      }],
    ],
    ranges: [{ pass: 0 }, { pass: 0.5 }, { pass: -1 }, { pass: NaN }, { pass: 2 ** 31 }],
  },
  "Program.variable": { act: ({ program }, name) => program.variable(name), types: NO_NAMES },
  "Program.type": { act: ({ program }, name) => program.type(name), types: NO_NAMES },
  "Program.value, its type": { act: ({ program }, type) => program.value(type, 1n), types: NO_NAMES },
  "Program.value, its address": {
    act: ({ program }, at) => program.value("int", at),
    types: NO_BIGINTS,
    ranges: NO_ADDRESSES,
  },
  "Program.list, its type": { act: ({ program }, type) => program.list(type, 1n, "next").next(), types: NO_NAMES },
  "Program.list, its head": {
    act: ({ program }, head) => program.list("int", head, "next").next(),
    types: NO_BIGINTS,
    ranges: NO_ADDRESSES,
  },
  "Program.list, its field": { act: ({ program }, next) => program.list("int", 1n, next).next(), types: NO_NAMES },
  "Program.list, its options": {
    act: ({ program }, options) => program.list("int", 1n, "next", options).next(),
    types: [...NO_OPTIONS, { limit: "5" }, { limit: 5n }],
  },
  "Thread.variable": { act: ({ program }, name) => program.thread(1).variable(name), types: NO_NAMES },
  "Thread.locals": {
    act: ({ program }, frame) => program.thread(1).locals(frame),
    types: NO_NUMBERS,
    ranges: [NaN, -1, 0.5, 10_000, Infinity],
  },
  "Thread.stepInto": {
    act: ({ program }, options) => program.thread(1).stepInto(options),
    types: [...NO_OPTIONS, { unit: "lines" }, { unit: 1 }, { unit: null }],
  },
  "Thread.runTo": {
    act: ({ program }, place) => program.thread(1).runTo(place),
    types: [1, null, undefined, {}, true, "", { file: "a.c" }],
    ranges: [...NO_ADDRESSES, { file: "a.c", line: 0 }],
  },
  "Thread.stepOver": {
    act: ({ program }, options) => program.thread(1).stepOver(options),
    types: [...NO_OPTIONS, { unit: "statement" }],
  },
  "Program.lineAt": {
    act: ({ program }, address) => program.lineAt(address),
    types: NO_BIGINTS,
    ranges: NO_ADDRESSES,
  },
  "Program.linesOf": {
    act: ({ program }, place) => program.linesOf(place),
    types: [...NO_OPTIONS, {}, { file: "a.c" }, { file: 1, line: 1 }, { file: "a.c", line: "1" }],
    ranges: [{ file: "a.c", line: 0 }, { file: "a.c", line: 0.5 }, { file: "a.c", line: 2 ** 31 }],
  },
  "TypedValue.field": { act: ({ program }, name) => program.value("int", 1n).field(name), types: NO_NAMES },
  "TypedValue.at": {
    act: ({ program }, index) => program.value("int", 1n).at(index),
    types: [...NO_NUMBERS, undefined],
    ranges: [NaN, 0.5, 2 ** 53, Infinity],
  },
  "TypedValue.cast": { act: ({ program }, type) => program.value("int", 1n).cast(type), types: NO_NAMES },
  "TypedValue.read": {
    act: ({ program }, options) => program.value("int", 1n).read(options),
    types: [...NO_OPTIONS, { bytes: "5" }, { bytes: 5n }],
  },
  "TypedValue.text": {
    act: ({ program }, options) => program.value("char[4]", 1n).text(options),
    types: [...NO_OPTIONS, { length: "5" }, { length: 5n }],
  },
  "TypedValue.write": {
    act: ({ program }, value) => program.value("bool", 1n).write(value),
    types: ["5", 5n, 5, null, undefined, {}, [true], new Uint8Array(2)],
  },
  "TypedValue.write of a number": {
    act: ({ program }, value) => program.value("short", 1n).write(value),
    types: ["5", null, undefined, {}, [5], true, 0.5, NaN, Infinity],
    ranges: [32_768, -32_769, 1n << 64n],
  },
  "TypedValue.write of a text": {
    act: ({ program }, value) => program.value("char[4]", 1n).write(value),
    types: [5, 5n, null, undefined, {}, [5], true],
    ranges: ["four"],
  },
  "Program.evaluate": { act: ({ program }, expression) => program.evaluate(expression), types: NO_TEXTS },
  "Program.execute": { act: ({ program }, command) => program.execute(command), types: NO_TEXTS },
  "Program.writeDump, its path": { act: ({ program }, path) => program.writeDump(path), types: NO_NAMES },
  "Program.writeDump, its options": {
    act: ({ program }, options) => program.writeDump("C:\\a.dmp", options),
    types: [...NO_OPTIONS, { type: "huge" }, { type: null }, { type: 1 }, { comment: 5 }, { comment: "a\0b" }],
  },
  "openDump, its path": { act: (_, path) => openDump(path), types: NO_NAMES },
  "openDump, its options": {
    act: (_, options) => openDump("C:\\a.dmp", options),
    types: [...NO_SESSIONS, { imagePath: 5 }, { imagePath: "a\0b" }, { imagePath: "" }],
  },
  "Memory.read, its address": {
    act: ({ program }, at) => program.memory.read(at, 1),
    types: NO_BIGINTS,
    ranges: NO_ADDRESSES,
  },
  "Memory.read, its length": {
    act: ({ program }, length) => program.memory.read((1n << 64n) - 8n, length),
    ...{ types: NO_NUMBERS, ranges: [...NO_INTEGERS, 9, 4096] },
  },
  "Memory.read, its options": {
    act: ({ program }, options) => program.memory.read(1n, 1, options),
    types: [...NO_OPTIONS, { uncached: 1 }, { uncached: null }],
  },
  "Memory.write, its address": {
    act: ({ program }, at) => program.memory.write(at, new Uint8Array(1)),
    ...{ types: NO_BIGINTS, ranges: [...NO_ADDRESSES] },
  },
  "Memory.write, its bytes": {
    act: ({ program }, bytes) => program.memory.write(1n, bytes),
    types: [
      5,
      "abc",
      null,
      undefined,
      [1, 2],
      {},
      new Uint16Array(2),
      new ArrayBuffer(4),
      new DataView(new ArrayBuffer(4)),
    ],
  },
  "Memory.write, beyond the last address": {
    act: ({ program }, bytes) => program.memory.write((1n << 64n) - 2n, bytes),
    ...{ types: [], ranges: [new Uint8Array(3)] },
  },
  "Memory.readInteger, its size": {
    act: ({ program }, size) => program.memory.readInteger(1n, size),
    ...{ types: [...NO_NUMBERS, undefined], ranges: [...NO_INTEGERS, 0, 3, 5, 6, 7, 16] },
  },
  "Memory.readInteger, its address": {
    act: ({ program }, at) => program.memory.readInteger(at, 8),
    ...{ types: NO_BIGINTS, ranges: [...NO_ADDRESSES, (1n << 64n) - 7n] },
  },
  "Memory.readInteger, its options": {
    act: ({ program }, options) => program.memory.readInteger(1n, 8, options),
    types: [null, 5, "signed"],
  },
  "Memory.writeInteger, its size": {
    act: ({ program }, size) => program.memory.writeInteger(1n, size, 1n),
    ...{ types: [...NO_NUMBERS, undefined], ranges: [...NO_INTEGERS, 0, 3, 16] },
  },
  "Memory.writeInteger, its value": {
    act: ({ program }, value) => program.memory.writeInteger(1n, 1, value),
    ...{ types: NO_BIGINTS, ranges: [256n, -129n, 1n << 64n, -(1n << 63n)] },
  },
  "Memory.writeInteger of eight bytes, its value": {
    act: ({ program }, value) => program.memory.writeInteger(1n, 8, value),
    ...{ types: NO_BIGINTS, ranges: [1n << 64n, -(1n << 63n) - 1n] },
  },
  "Memory.readPointer": {
    act: ({ program }, at) => program.memory.readPointer(at),
    ...{ types: NO_BIGINTS, ranges: [...NO_ADDRESSES, (1n << 64n) - 1n] },
  },
  "Memory.readString, its address": {
    act: ({ program }, at) => program.memory.readString(at),
    ...{ types: NO_BIGINTS, ranges: NO_ADDRESSES },
  },
  "Memory.readString, its length": {
    act: ({ program }, length) => program.memory.readString(1n, { length }),
    ...{ types: NO_NUMBERS, ranges: NO_INTEGERS },
  },
  "Memory.readString, its options": {
    act: ({ program }, options) => program.memory.readString(1n, options),
    types: [null, 5, { encoding: "latin1" }, { encoding: null }, { encoding: 5 }],
  },
  "Thread.stack": {
    act: ({ program }, frames) => program.thread(1).stack(frames),
    ...{ types: NO_NUMBERS, ranges: [...NO_INTEGERS, 0, 65_537] },
  },
  "Thread.report, its frames": {
    act: ({ program }, frames) => program.thread(1).report({ frames }),
    types: NO_NUMBERS,
    ranges: [...NO_INTEGERS, 65_537],
  },
  "Thread.report, its other options": {
    act: ({ program }, options) => program.thread(1).report(options),
    types: [...NO_OPTIONS, { registers: 1 }, { modules: "yes" }, { threads: null }],
  },
  "Thread.writeRegister, its name": {
    act: ({ program }, name) => program.thread(1).writeRegister(name, 1n),
    types: NO_NAMES,
  },
  "Thread.writeRegister, its value": {
    act: ({ program }, value) => program.thread(1).writeRegister("rax", value),
    ...{ types: ["5", null, undefined, {}, true], ranges: [1n << 64n, -(1n << 63n) - 1n] },
  },
};

/** Methods that take nothing, or that nobody calls but sessions. */
const NOTHING_TO_REFUSE = [
  ...["SessionManager.off", "SessionManager.engine", "SessionManager.processes", "SessionManager.interrupt"],
  ...["SessionManager.programs", "SessionManager.running", "SessionManager.trace"],
  ...[
    "Program.constructor",
    "Program.disposeWith",
    "Program.finish",
    "Program.left",
    "Program.root",
    "Program.pid",
    "Program.state",
  ],
  ...["Program.end", "Program.ended", "Program.detach", "Program.terminate", "Program.abandon", "Program.threads"],
  ...[
    "Program.breakpoints",
    "Program.modules",
    "Memory.constructor",
    "Thread.constructor",
    "Thread.registers",
    "Thread.stepOut",
  ],
  ...["TypedValue.constructor", "TypedValue.type", "TypedValue.address", "TypedValue.register", "TypedValue.resolve"],
  ...["TypedValue.deref", "TypedValue.bytes"],
];

const CLASSES = { SessionManager, Program, ProgramView, Memory, Thread, TypedValue };

Deno.test("every public method of sessions, programs, memory and threads stands in the table, or takes nothing", () => {
  const all = Object.entries(CLASSES).flatMap(([name, { prototype }]) =>
    Object.getOwnPropertyNames(prototype).map((method) => `${name.replace("View", "")}.${method}`)
  );
  const named = new Set([...Object.keys(ROWS).map((row) => row.split(/[ ,]/)[0]), ...NOTHING_TO_REFUSE]);
  assert.deepEqual(all.filter((method) => !named.has(method)), []);
});

async function refuses(
  row: string,
  value: unknown,
  error: "TypeError" | "RangeError",
  setting: Setting,
): Promise<void> {
  const { act } = ROWS[row] as Row;
  const given = `${row}: ${Deno.inspect(value).slice(0, 60)}`;
  // deno-lint-ignore require-await -- what is thrown at once counts as well
  await assert.rejects(async () => act(setting, value as never), (thrown: unknown) => {
    assert.ok(thrown instanceof Error, given);
    assert.equal(thrown.name, error, `${given}: ${thrown.message}`);
    assert.match(thrown.message, /^Cannot [^\r\n]+$/, given);
    return true;
  }, given);
}

for (const [row, { types, ranges = [] }] of Object.entries(ROWS)) {
  Deno.test(`${row}: ${types.length + ranges.length} wrong ones are refused, and nothing is asked`, async () => {
    const world = new World();
    const { session, port } = await world.scene();
    const program = await session.attach(7, { port });
    const engine = world.engine();
    engine.takeLog();
    const setting = { session, program, port };
    for (const value of types) await refuses(row, value, "TypeError", setting);
    for (const value of ranges) await refuses(row, value, "RangeError", setting);
    assert.deepEqual(engine.takeLog(), []);
    assert.equal(program.state, "stopped");
    await session[Symbol.asyncDispose]();
  });
}
