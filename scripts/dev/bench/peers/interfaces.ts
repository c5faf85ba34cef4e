/** The engine's interfaces for clients in other languages, out of the tables that Latch itself calls by. */
import {
  IDebugClient5,
  IDebugControl5,
  IDebugDataSpaces2,
  IDebugEventCallbacksWide,
  IDebugOutputCallbacksWide,
  IDebugSymbols4,
  IDebugSystemObjects,
} from "../../../../lib/dbgeng/mod.ts";

/** What is needed of an interface's table. */
interface Table {
  readonly name: string;
  readonly iid: string;
  readonly base: Table | null;
  readonly methods: Readonly<Record<string, { readonly slot: number }>>;
}

/** What the clients call: name of the method, and its parameters in C#. */
const CALLED: readonly (readonly [Table, Readonly<Record<string, string>>])[] = [
  [IDebugClient5, {
    CreateProcessWide: "ulong server, IntPtr commandLine, uint flags",
    SetOutputMask: "uint mask",
    SetEventCallbacksWide: "IDebugEventCallbacksWide callbacks",
    SetOutputCallbacksWide: "IDebugOutputCallbacksWide callbacks",
  }],
  [IDebugControl5, {
    WaitForEvent: "uint flags, uint milliseconds",
    GetExecutionStatus: "out uint status",
    SetExecutionStatus: "uint status",
    GetLastEventInformation: "out uint type, out uint process, out uint thread, IntPtr extra, uint extraSize, " +
      "IntPtr extraUsed, IntPtr text, uint textSize, IntPtr textUsed",
    GetStackTraceEx: "ulong frame, ulong stack, ulong instruction, IntPtr frames, uint count, out uint filled",
  }],
  [IDebugSystemObjects, { GetCurrentProcessSystemId: "out uint id", GetCurrentThreadSystemId: "out uint id" }],
  [IDebugDataSpaces2, { ReadVirtual: "ulong address, out ulong value, uint size, out uint read" }],
  [IDebugSymbols4, {
    GetNameByInlineContextWide: "ulong address, uint context, IntPtr text, uint size, out uint used, out ulong offset",
    GetLineByInlineContextWide: "ulong address, uint context, out uint line, IntPtr text, uint size, out uint used, " +
      "out ulong offset",
  }],
];

/** What the engine calls. */
const CALLBACKS: readonly Table[] = [IDebugEventCallbacksWide, IDebugOutputCallbacksWide];

/** Interfaces for `[ComImport]`: what comes before a method in the vtable needs a place. */
export function csharpInterfaces(): string {
  const texts = CALLED.map(([table, methods]) => {
    const slots = Object.entries(methods).map(([name, parameters]) => [slotOf(table, name), name, parameters] as const);
    const last = Math.max(...slots.map(([slot]) => slot));
    const lines = Array.from({ length: last + 1 - FIRST_SLOT }, (_, index) => {
      const [, name, parameters] = slots.find(([slot]) => slot === index + FIRST_SLOT) ?? [];
      return `  [PreserveSig] int ${name ?? `Slot${index + FIRST_SLOT}`}(${parameters ?? ""});`;
    });
    return `[ComImport, Guid("${table.iid}"), InterfaceType(ComInterfaceType.InterfaceIsIUnknown)]
interface ${table.name} {
${lines.join("\n")}
}
`;
  });
  const callbacks = CALLBACKS.map(({ name, iid }) => `  public const string ${name} = "${iid}";`);
  return `using System;
using System.Runtime.InteropServices;

static class Iids {
${callbacks.join("\n")}
}

${texts.join("\n")}`;
}

/** Iids and slots, for who calls through the vtable. */
export function interfaceNumbers(): Record<string, { iid: string; slots: Record<string, number> }> {
  const called = CALLED.map(([table, methods]) => {
    const slots = Object.keys(methods).map((name) => [name, slotOf(table, name)]);
    return [table.name, { iid: table.iid, slots: Object.fromEntries(slots) }];
  });
  return Object.fromEntries([...called, ...CALLBACKS.map(({ name, iid }) => [name, { iid, slots: {} }])]);
}

/** Behind QueryInterface, AddRef and Release. */
const FIRST_SLOT = 3;

/** An interface's table has its own methods; those of its bases are there, too. */
function slotOf(table: Table, method: string): number {
  for (let each: Table | null = table; each; each = each.base) {
    const slot = each.methods[method]?.slot;
    if (slot !== undefined) return slot;
  }
  throw new Error(`Cannot call ${table.name}.${method}: there is no such method`);
}
