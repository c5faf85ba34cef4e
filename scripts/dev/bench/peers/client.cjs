// client.cjs ENGINE_DIR OUT silent|looks|reads -- COMMAND LINE: what tests/native/client.c does, in Node with koffi. One JSON object into OUT.
// deno-lint-ignore-file explicit-function-return-type -- JavaScript, as Node runs it
"use strict";
// To open them fails under Wine where they are pipes of Linux (findings/wine-node-pipe.sh), and koffi has them opened.
for (const name of ["stdout", "stderr"]) Object.defineProperty(process, name, { value: { isTTY: false } });

const { readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const koffi = require("koffi");

const NOTES = 0xe0004e54;
const PAGE = 4096n;
const NAME = 512;
const ONLY_THIS_PROCESS = 2;
const INFINITE = 0xffffffff;
const NO_DEBUGGEE = 7;
const EXCEPTION = 2;
const GO = 1;
const GO_NOT_HANDLED = 3;
const NOINTERFACE = -2147467262;
const UNEXPECTED = -2147418113;
const DEBUGGEE = 0x80;
const interfaces = JSON.parse(readFileSync(join(__dirname, "interfaces.json"), "utf8"));
const IUNKNOWN = "00000000-0000-0000-c000-000000000046";

const [folder, out, verb, , ...command] = process.argv.slice(2);

function check(result, call) {
  if (result < 0) throw new Error(`${call}: ${result}`);
}

function guid(text) {
  const hex = text.replaceAll("-", "");
  const bytes = Buffer.from(hex, "hex");
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

/** Methods of an object, through its vtable. */
function methodsOf(object, name, prototypes) {
  const table = koffi.decode(object, "void *");
  return Object.fromEntries(
    Object.entries(prototypes).map(([method, parameters]) => {
      const type = koffi.proto(`int ${name}_${method}(void *self${parameters && `, ${parameters}`})`);
      const slot = interfaces[name].slots[method];
      const call = koffi.decode(koffi.decode(table, slot * 8, "void *"), type);
      return [method, (...values) => call(object, ...values)];
    }),
  );
}

function openEngine() {
  for (const name of ["dbgcore", "dbghelp", "dbgmodel"]) koffi.load(join(folder, `${name}.dll`));
  const create = koffi.load(join(folder, "dbgeng.dll")).func("int DebugCreate(void *iid, _Out_ void **client)");
  const query = (iid) => {
    const found = [null];
    check(create(guid(iid), found), "DebugCreate");
    return found[0];
  };
  const client = query(interfaces.IDebugClient5.iid);
  const ask = koffi.decode(
    koffi.decode(koffi.decode(client, "void *"), 0, "void *"),
    koffi.proto("int QueryInterface(void *self, void *iid, _Out_ void **found)"),
  );
  const open = (name, prototypes) => {
    const found = [null];
    check(ask(client, guid(interfaces[name].iid), found), name);
    return methodsOf(found[0], name, prototypes);
  };
  return {
    client: open("IDebugClient5", {
      CreateProcessWide: "uint64_t server, void *commandLine, uint32_t flags",
      SetOutputMask: "uint32_t mask",
      SetEventCallbacksWide: "void *callbacks",
      SetOutputCallbacksWide: "void *callbacks",
    }),
    control: open("IDebugControl5", {
      WaitForEvent: "uint32_t flags, uint32_t milliseconds",
      GetExecutionStatus: "void *status",
      SetExecutionStatus: "uint32_t status",
      GetLastEventInformation: "void *type, void *process, void *thread, void *extra, uint32_t extraSize, " +
        "void *extraUsed, void *text, uint32_t textSize, void *textUsed",
      GetStackTraceEx:
        "uint64_t frame, uint64_t stack, uint64_t instruction, void *frames, uint32_t count, void *filled",
    }),
    system: open("IDebugSystemObjects", {
      GetCurrentProcessSystemId: "void *id",
      GetCurrentThreadSystemId: "void *id",
    }),
    data: open("IDebugDataSpaces2", { ReadVirtual: "uint64_t address, void *value, uint32_t size, void *read" }),
    symbols: open("IDebugSymbols4", {
      GetNameByInlineContextWide:
        "uint64_t address, uint32_t context, void *text, uint32_t size, void *used, void *offset",
      GetLineByInlineContextWide:
        "uint64_t address, uint32_t context, void *line, void *text, uint32_t size, void *used, void *offset",
    }),
  };
}

const engine = openEngine();
// Results of calls: one piece of memory for all.
const words = new Uint32Array(8);
const longs = new BigUint64Array(2);
const text = new Uint16Array(NAME);
const frame = new DataView(new ArrayBuffer(136));
const kinds = {};
let exitCode = 0;
let digest = 0;
let frames = 0;
let readUs = 0;
let againUs = 0;

function count(kind, status = GO) {
  engine.system.GetCurrentProcessSystemId(words);
  engine.system.GetCurrentThreadSystemId(words);
  kinds[kind] = (kinds[kind] ?? 0) + 1;
  return status;
}

function read(address) {
  check(engine.data.ReadVirtual(address, words, 8, words.subarray(2)), "ReadVirtual");
  digest = Math.imul(digest, 31) + words[0] | 0;
  digest = Math.imul(digest, 31) + words[1] | 0;
}

function readPages(first, pages, step) {
  const start = performance.now();
  for (let index = 0n; index < pages; index++) read(first + index * step);
  return (performance.now() - start) * 1e3 / Number(pages);
}

function innermostFrame() {
  const bytes = new Uint8Array(frame.buffer);
  check(engine.control.GetStackTraceEx(0n, 0n, 0n, bytes, 1, words), "GetStackTraceEx");
  const instruction = frame.getBigUint64(0, true);
  const context = frame.getUint32(128, true);
  engine.symbols.GetNameByInlineContextWide(instruction, context, text, NAME, words, longs);
  engine.symbols.GetLineByInlineContextWide(instruction, context, words, text, NAME, words.subarray(1), longs);
  return instruction;
}

function look(record) {
  const [first, pages] = [40, 48].map((offset) => BigInt(koffi.decode(record, offset, "uint64_t")));
  if (verb === "reads") {
    digest = 0; // the last event counts
    readUs = readPages(first, pages, PAGE);
    againUs = readPages(first, pages, 0n);
  } else {
    read(first);
    if (innermostFrame() === BigInt(koffi.decode(record, 16, "uint64_t"))) frames++;
  }
}

function exception(_self, record) {
  if (verb !== "silent" && koffi.decode(record, "uint32_t") === NOTES) look(record);
  return count("exception", GO_NOT_HANDLED);
}

function answerQuery(own) {
  const known = [guid(own), guid(IUNKNOWN)];
  return (self, iid, found) => {
    const wanted = Buffer.from(koffi.decode(iid, "uint8_t", 16));
    const isKnown = known.some((each) => each.equals(wanted));
    koffi.encode(found, "void *", isKnown ? self : null);
    return isKnown ? 0 : NOINTERFACE;
  };
}

/** An object of COM: a pointer to its vtable, and the vtable. It lives as long as this program. */
function comObject(name, iid, methods) {
  const all = [
    ["void *iid, void *found", answerQuery(iid)],
    ["", () => 1],
    ["", () => 1],
    ...methods,
  ];
  const memory = koffi.alloc("uint64_t", all.length + 1);
  koffi.encode(memory, "uint64_t", memory + 8n);
  for (const [index, [parameters, method]] of all.entries()) {
    const type = koffi.proto(`int ${name}_slot${index}(void *self${parameters && `, ${parameters}`})`);
    koffi.encode(memory, 8 * (index + 1), "uint64_t", koffi.register(method, koffi.pointer(type)));
  }
  return memory;
}

const place = "uint64_t handle, uint64_t data, uint64_t start";
const state = ["uint32_t flags, uint64_t argument", () => 0];
const events = comObject("events", interfaces.IDebugEventCallbacksWide.iid, [
  ["void *mask", (_self, mask) => (koffi.encode(mask, "uint32_t", 0x1ff), 0)],
  ["void *breakpoint", () => count("breakpoint")],
  ["void *record, uint32_t firstChance", exception],
  [place, () => count("createThread")],
  ["uint32_t code", () => count("exitThread")],
  [
    "uint64_t file, uint64_t handle, uint64_t image, uint32_t size, void *name, void *path, uint32_t checksum, " +
    `uint32_t stamp, uint64_t thread, uint64_t data, uint64_t start`,
    () => count("createProcess"),
  ],
  ["uint32_t code", (_self, code) => (exitCode = code, count("exitProcess"))],
  [
    "uint64_t file, uint64_t image, uint32_t size, void *name, void *path, uint32_t checksum, uint32_t stamp",
    () => count("loadModule"),
  ],
  ["void *path, uint64_t image", () => count("unloadModule")],
  ["uint32_t error, uint32_t level", () => count("systemError")],
  ["uint32_t status", () => 0],
  state,
  state,
  state,
]);
const output = comObject("output", interfaces.IDebugOutputCallbacksWide.iid, [
  ["uint32_t mask, void *text", (_self, mask) => ((mask & DEBUGGEE) !== 0 && count("output"), 0)],
]);

function wait() {
  const result = engine.control.WaitForEvent(0, INFINITE);
  if (result === UNEXPECTED) return false;
  check(result, "WaitForEvent");
  check(engine.control.GetExecutionStatus(words), "GetExecutionStatus");
  return words[0] !== NO_DEBUGGEE;
}

check(engine.client.SetEventCallbacksWide(events), "SetEventCallbacksWide");
check(engine.client.SetOutputMask(DEBUGGEE), "SetOutputMask");
check(engine.client.SetOutputCallbacksWide(output), "SetOutputCallbacksWide");
const commandLine = Buffer.from(`${command.map((word) => `"${word}"`).join(" ")}\0`, "utf16le");
const start = performance.now();
check(engine.client.CreateProcessWide(0n, commandLine, ONLY_THIS_PROCESS), "CreateProcessWide");
while (wait()) {
  check(
    engine.control.GetLastEventInformation(words, words.subarray(1), words.subarray(2), null, 0, null, null, 0, null),
    "GetLastEventInformation",
  );
  check(engine.control.SetExecutionStatus(words[0] === EXCEPTION ? GO_NOT_HANDLED : GO), "SetExecutionStatus");
}
const microsecondsTotal = (performance.now() - start) * 1e3;
const looked = verb === "silent" ? {} : { digest: digest >>> 0, frames, readUs, againUs };
writeFileSync(out, JSON.stringify({ exitCode, kinds, microsecondsTotal, ...looked }));
koffi.load("kernel32.dll").func("int TerminateProcess(intptr_t process, uint32_t code)")(-1, 0); // the engine's own clean-up can hold the process for five seconds
