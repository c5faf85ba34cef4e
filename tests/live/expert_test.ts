/** The typed interfaces of dbgeng.h, called directly on a client made by hand. */
import assert from "node:assert/strict";
import * as dbgeng from "../../lib/dbgeng/mod.ts";
import { DebugSession } from "../../mod.ts";
import { debuggee, engineFolder } from "./support.ts";

const E_UNEXPECTED = 0x8000ffff | 0;
const E_NOINTERFACE = 0x80004002 | 0;
const DEBUG_ONLY_THIS_PROCESS = 2;
const SECONDS = 10_000;

function open(): dbgeng.OpenedEngine {
  return dbgeng.openEngine({ engine: engineFolder() });
}

/** Text that a method writes into a buffer of UTF-16; it gives the characters needed, the zero included. */
function textOf(fill: (buffer: Uint8Array, size: number) => number): string {
  const buffer = new Uint8Array(1024);
  const needed = fill(buffer, buffer.length / 2);
  return new TextDecoder("utf-16le").decode(buffer.subarray(0, 2 * (needed - 1)));
}

/** How many references an object has now. */
function referencesOf(object: dbgeng.Com<dbgeng.IDebugClient>): number {
  object.AddRef();
  return object.Release();
}

function hresultError(call: string, hresult: number, symbol: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof dbgeng.HresultError, String(error));
    assert.deepEqual([error.call, error.hresult, error.symbol], [call, hresult, symbol]);
    const code = (hresult >>> 0).toString(16).toUpperCase();
    assert.equal(error.message, `${call} returned 0x${code} (${symbol})`);
    return true;
  };
}

/** Callbacks that keep text; `text` takes it. */
function outputCallbacks(): { callbacks: dbgeng.ComCallback<dbgeng.IDebugOutputCallbacksWide>; text(): string } {
  const parts: string[] = [];
  const callbacks = new dbgeng.ComCallback<dbgeng.IDebugOutputCallbacksWide>(dbgeng.IDebugOutputCallbacksWide, {
    Output: (_mask, text) => void parts.push(String(text)),
  });
  return { callbacks, text: () => parts.splice(0).join("") };
}

Deno.test("a client gives its interfaces in every version, and each takes its own and inherited methods", () => {
  using engine = open();
  const { client } = engine;
  using control = client.query(dbgeng.IDebugControl7);
  using oldest = client.query(dbgeng.IDebugControl);
  using symbols = client.query(dbgeng.IDebugSymbols5);
  assert.equal(control.GetRadix(), 16);
  oldest.SetRadix(10);
  assert.equal(control.GetRadix(), 10, "two interfaces of one object");
  control.SetRadix(16);
  const filters = control.GetNumberEventFilters();
  assert.ok(filters.SpecificEvents > 5 && filters.SpecificExceptions > 20 && filters.ArbitraryExceptions >= 0);
  symbols.SetSymbolPathWide("C:\\grüße;C:\\世界");
  assert.equal(textOf((buffer, size) => symbols.GetSymbolPathWide(buffer, size)), "C:\\grüße;C:\\世界");
  assert.equal(textOf((buffer, size) => symbols.GetSymbolPathWide(buffer.subarray(0, 8), size)).length > 0, true);
  assert.match(textOf((buffer, size) => client.GetIdentityWide(buffer, size)), /\S/);
  symbols.SetSymbolPathWide("");
});

Deno.test("a failure throws the call, the code and its symbol", () => {
  using engine = open();
  const { client } = engine;
  using system = client.query(dbgeng.IDebugSystemObjects4);
  assert.throws(
    () => system.GetCurrentProcessSystemId(),
    hresultError("GetCurrentProcessSystemId", E_UNEXPECTED, "E_UNEXPECTED"),
  );
  assert.equal(system.lastHresult, E_UNEXPECTED);
  assert.throws(
    () => client.query(dbgeng.IDebugOutputCallbacksWide),
    hresultError("QueryInterface", E_NOINTERFACE, "E_NOINTERFACE"),
  );
  assert.throws(() => client.AttachProcess(0n, 999999, 0x8000), { name: "HresultError", symbol: "E_INVALIDARG" });
  assert.throws(() => client.query(dbgeng.IDebugBreakpoint3), { name: "HresultError", symbol: "E_NOINTERFACE" });
});

Deno.test("output callbacks get what is printed, with variadic arguments, and are let go again", () => {
  using engine = open();
  const { client } = engine;
  using control = client.query(dbgeng.IDebugControl4);
  const { callbacks, text } = outputCallbacks();
  control.AddEngineOptions(dbgeng.DEBUG_ENGOPT_INITIAL_BREAK);
  client.CreateProcessWide(0n, debuggee("stubborn.exe"), DEBUG_ONLY_THIS_PROCESS);
  control.WaitForEvent(0, SECONDS); // without a program the engine prints nothing
  assert.equal(callbacks.references, 1);
  client.SetOutputCallbacksWide(callbacks);
  assert.ok(callbacks.references > 1, "the engine holds one");
  const { DEBUG_OUTCTL_THIS_CLIENT, DEBUG_OUTPUT_NORMAL } = dbgeng;
  control.ControlledOutputWide(
    DEBUG_OUTCTL_THIS_CLIENT,
    DEBUG_OUTPUT_NORMAL,
    "%s|%d|%I64x",
    "grüße 世界",
    42,
    0xabcdefabcdefn,
  );
  assert.equal(text(), "grüße 世界|42|abcdefabcdef");
  control.ExecuteWide(DEBUG_OUTCTL_THIS_CLIENT, ".echo hello", 0);
  assert.equal(text(), "hello\n");
  control.ControlledOutput(DEBUG_OUTCTL_THIS_CLIENT, DEBUG_OUTPUT_NORMAL, "%s|%d", "narrow", -1);
  assert.equal(text(), "narrow|-1");
  client.SetOutputCallbacksWide(null);
  assert.equal(callbacks.references, 1);
  control.ExecuteWide(DEBUG_OUTCTL_THIS_CLIENT, ".echo nobody hears", 0);
  assert.equal(text(), "");
  client.TerminateProcesses();
  client.EndSession(dbgeng.DEBUG_END_PASSIVE);
  callbacks[Symbol.dispose]();
  assert.equal(callbacks.references, 0);
});

Deno.test("references come back to what they were, and a released object refuses calls", () => {
  using engine = open();
  const { client } = engine;
  const before = referencesOf(client);
  const control = client.query(dbgeng.IDebugControl4);
  const other = dbgeng.ComObject.from(dbgeng.IDebugClient, client.CreateClient());
  assert.equal(referencesOf(client), before + 1, "a query takes one, another client none");
  control[Symbol.dispose]();
  control[Symbol.dispose]();
  assert.equal(control.pointer, 0n);
  assert.throws(() => control.GetRadix(), /released/);
  assert.equal(referencesOf(client), before);
  assert.equal(referencesOf(other), 1);
  assert.equal(other.Release(), 0);
});

Deno.test("a program is launched, held at a breakpoint and looked into without a session", () => {
  using engine = open();
  const { client } = engine;
  using control = client.query(dbgeng.IDebugControl4);
  using symbols = client.query(dbgeng.IDebugSymbols3);
  using spaces = client.query(dbgeng.IDebugDataSpaces4);
  using registers = client.query(dbgeng.IDebugRegisters2);
  const loaded: string[] = [];
  const { DEBUG_EVENT_LOAD_MODULE, DEBUG_STATUS_NO_CHANGE, DEBUG_STATUS_GO } = dbgeng;
  using events = new dbgeng.ComCallback<dbgeng.IDebugEventCallbacksWide>(dbgeng.IDebugEventCallbacksWide, {
    GetInterestMask: () => DEBUG_EVENT_LOAD_MODULE,
    LoadModule: (_handle, _base, _size, name) => void loaded.push(String(name)),
  }, { defaultResult: DEBUG_STATUS_NO_CHANGE });
  client.SetEventCallbacksWide(events);
  control.AddEngineOptions(dbgeng.DEBUG_ENGOPT_INITIAL_BREAK);
  client.CreateProcessWide(0n, `${debuggee("crash.exe")} --handled`, DEBUG_ONLY_THIS_PROCESS);
  control.WaitForEvent(0, SECONDS);
  assert.ok(loaded.includes("ntdll") && loaded.includes("kernel32"), loaded.join());
  const point = dbgeng.ComObject.from(
    dbgeng.IDebugBreakpoint3,
    control.AddBreakpoint2(dbgeng.DEBUG_BREAKPOINT_CODE, 0xffffffff),
  );
  point.SetOffsetExpressionWide("crash!inner");
  point.AddFlags(dbgeng.DEBUG_BREAKPOINT_ENABLED);
  control.SetExecutionStatus(DEBUG_STATUS_GO);
  control.WaitForEvent(0, SECONDS);
  const inner = symbols.GetOffsetByNameWide("crash!inner");
  assert.equal(point.GetOffset(), inner);
  assert.equal(registers.GetInstructionOffset(), inner);
  const code = new Uint8Array(16);
  assert.equal(spaces.ReadVirtual(inner, code, code.length), 16);
  assert.notDeepEqual(code, new Uint8Array(16));
  let end = 0n;
  const line = textOf((buffer, size) => {
    const result = control.DisassembleWide(inner, 0, buffer, size);
    end = result.EndOffset;
    return result.DisassemblySize;
  });
  assert.match(line, /\bsub\s+rsp/);
  assert.ok(end > inner && end < inner + 16n);
  {
    using group = dbgeng.ComObject.from(
      dbgeng.IDebugSymbolGroup2,
      symbols.GetScopeSymbolGroup2(dbgeng.DEBUG_SCOPE_GROUP_ALL, null),
    );
    const names = Array.from(
      { length: group.GetNumberSymbols() },
      (_, index) => textOf((buffer, size) => group.GetSymbolNameWide(index, buffer, size)),
    );
    assert.deepEqual(names.sort(), ["doubled", "parcel", "target"]);
  }
  client.TerminateProcesses();
  client.EndSession(dbgeng.DEBUG_END_PASSIVE);
  client.SetEventCallbacksWide(null);
  assert.equal(events.references, 1);
});

Deno.test("an opened engine and a session keep each other out, one after another they work", async () => {
  const options = { engine: engineFolder() };
  {
    using engine = open();
    assert.equal(engine.info.folder, engineFolder());
    assert.throws(() => open(), { name: "EngineError", kind: "in-use" });
    await using session = new DebugSession(options);
    await assert.rejects(session.engine(), { name: "EngineError", kind: "in-use" });
  }
  {
    await using session = new DebugSession(options);
    await session.engine();
    assert.throws(() => open(), { name: "EngineError", kind: "in-use" });
    await session.launch([debuggee("stubborn.exe")]);
    assert.deepEqual(await session.wait(), { reason: "ended" });
  }
  using engine = open();
  assert.ok(engine.client.pointer !== 0n);
});
