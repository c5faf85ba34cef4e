// client.exe ENGINE_DIR OUT silent|looks|reads -- COMMAND LINE: what tests/native/client.c does, in C# through COM interop. One JSON object into OUT.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;
using System.Text.Json;

static class Check {
  public static void Ok(int result, string call) {
    if (result < 0) throw new InvalidOperationException($"{call}: 0x{result:x8}");
  }
}

sealed class Engine {
  [UnmanagedFunctionPointer(CallingConvention.StdCall)]
  delegate int DebugCreate(in Guid iid, [MarshalAs(UnmanagedType.IUnknown)] out object client);

  public readonly IDebugClient5 Client;
  public readonly IDebugControl5 Control;
  public readonly IDebugSystemObjects System;
  public readonly IDebugDataSpaces2 Data;
  public readonly IDebugSymbols4 Symbols;

  // dbgeng.dll finds its dependants only when they are loaded already.
  public Engine(string folder) {
    foreach (string name in new[] { "dbgcore", "dbghelp", "dbgmodel" }) NativeLibrary.Load(Path.Combine(folder, name + ".dll"));
    IntPtr library = NativeLibrary.Load(Path.Combine(folder, "dbgeng.dll"));
    var create = Marshal.GetDelegateForFunctionPointer<DebugCreate>(NativeLibrary.GetExport(library, "DebugCreate"));
    Check.Ok(create(typeof(IDebugClient5).GUID, out object client), "DebugCreate");
    Client = (IDebugClient5)client;
    Control = (IDebugControl5)client;
    System = (IDebugSystemObjects)client;
    Data = (IDebugDataSpaces2)client;
    Symbols = (IDebugSymbols4)client;
  }
}

[ComImport, Guid(Iids.IDebugEventCallbacksWide), InterfaceType(ComInterfaceType.InterfaceIsIUnknown)]
interface IDebugEventCallbacksWide {
  [PreserveSig] int GetInterestMask(out uint mask);
  [PreserveSig] int Breakpoint(IntPtr breakpoint);
  [PreserveSig] unsafe int Exception(ExceptionRecord64* record, uint firstChance);
  [PreserveSig] int CreateThread(ulong handle, ulong data, ulong start);
  [PreserveSig] int ExitThread(uint code);
  [PreserveSig] int CreateProcess(ulong file, ulong handle, ulong image, uint size, IntPtr name, IntPtr path, uint checksum,
                                  uint stamp, ulong thread, ulong data, ulong start);
  [PreserveSig] int ExitProcess(uint code);
  [PreserveSig] int LoadModule(ulong file, ulong image, uint size, IntPtr name, IntPtr path, uint checksum, uint stamp);
  [PreserveSig] int UnloadModule(IntPtr path, ulong image);
  [PreserveSig] int SystemError(uint error, uint level);
  [PreserveSig] int SessionStatus(uint status);
  [PreserveSig] int ChangeDebuggeeState(uint flags, ulong argument);
  [PreserveSig] int ChangeEngineState(uint flags, ulong argument);
  [PreserveSig] int ChangeSymbolState(uint flags, ulong argument);
}

[ComImport, Guid(Iids.IDebugOutputCallbacksWide), InterfaceType(ComInterfaceType.InterfaceIsIUnknown)]
interface IDebugOutputCallbacksWide {
  [PreserveSig] int Output(uint mask, IntPtr text);
}

unsafe struct ExceptionRecord64 {
  public uint Code, Flags;
  public ulong Record, Address;
  public uint Count, Unused;
  public fixed ulong Parameters[15];
}

// DEBUG_STACK_FRAME_EX
unsafe struct StackFrame {
  public ulong Instruction, Return, Frame, Stack, FuncTable;
  public fixed ulong Parameters[4];
  public fixed ulong Reserved[6];
  public int Virtual;
  public uint Number, Context, Reserved1;
}

sealed unsafe class Callbacks : IDebugEventCallbacksWide, IDebugOutputCallbacksWide {
  const uint NOTES = 0xE0004E54, GO = 1, GO_NOT_HANDLED = 3, DEBUGGEE = 0x80;
  const int PAGE = 4096, NAME = 512;

  readonly Engine engine;
  readonly string verb;
  readonly char* text = (char*)NativeMemory.Alloc(NAME * sizeof(char));
  public readonly Dictionary<string, long> Kinds = new();
  public uint ExitCode, Digest;
  public long Frames;
  public double ReadUs, AgainUs;

  public Callbacks(Engine engine, string verb) => (this.engine, this.verb) = (engine, verb);

  int Count(string kind, uint status = GO) {
    engine.System.GetCurrentProcessSystemId(out _);
    engine.System.GetCurrentThreadSystemId(out _);
    ref long count = ref CollectionsMarshal.GetValueRefOrAddDefault(Kinds, kind, out _);
    count++;
    return (int)status;
  }

  public int GetInterestMask(out uint mask) {
    mask = 0x1ff; // all but changes of states
    return 0;
  }

  public int Breakpoint(IntPtr breakpoint) => Count("breakpoint");
  public int CreateThread(ulong handle, ulong data, ulong start) => Count("createThread");
  public int ExitThread(uint code) => Count("exitThread");
  public int CreateProcess(ulong file, ulong handle, ulong image, uint size, IntPtr name, IntPtr path, uint checksum,
                           uint stamp, ulong thread, ulong data, ulong start) => Count("createProcess");
  public int LoadModule(ulong file, ulong image, uint size, IntPtr name, IntPtr path, uint checksum, uint stamp) =>
      Count("loadModule");
  public int UnloadModule(IntPtr path, ulong image) => Count("unloadModule");
  public int SystemError(uint error, uint level) => Count("systemError");
  public int SessionStatus(uint status) => 0;
  public int ChangeDebuggeeState(uint flags, ulong argument) => 0;
  public int ChangeEngineState(uint flags, ulong argument) => 0;
  public int ChangeSymbolState(uint flags, ulong argument) => 0;

  public int ExitProcess(uint code) {
    ExitCode = code;
    return Count("exitProcess");
  }

  public int Output(uint mask, IntPtr text) {
    if ((mask & DEBUGGEE) != 0) Count("output");
    return 0;
  }

  public int Exception(ExceptionRecord64* record, uint firstChance) {
    if (record->Code == NOTES && verb != "silent") Look(record);
    return Count("exception", GO_NOT_HANDLED);
  }

  void Look(ExceptionRecord64* record) {
    ulong first = record->Parameters[1], count = record->Parameters[2];
    if (verb == "reads") {
      Digest = 0; // the last event counts
      ReadUs = ReadPages(first, count, PAGE);
      AgainUs = ReadPages(first, count, 0);
    } else {
      Read(first);
      if (InnermostFrame() == record->Address) Frames++;
    }
  }

  void Read(ulong address) {
    Check.Ok(engine.Data.ReadVirtual(address, out ulong value, 8, out _), "ReadVirtual");
    Digest = (Digest * 31 + (uint)value) * 31 + (uint)(value >> 32);
  }

  double ReadPages(ulong first, ulong count, ulong step) {
    long start = Stopwatch.GetTimestamp();
    for (ulong i = 0; i < count; i++) Read(first + i * step);
    return Stopwatch.GetElapsedTime(start).TotalMicroseconds / count;
  }

  ulong InnermostFrame() {
    StackFrame frame;
    Check.Ok(engine.Control.GetStackTraceEx(0, 0, 0, (IntPtr)(&frame), 1, out _), "GetStackTraceEx");
    engine.Symbols.GetNameByInlineContextWide(frame.Instruction, frame.Context, (IntPtr)text, NAME, out _, out _);
    engine.Symbols.GetLineByInlineContextWide(frame.Instruction, frame.Context, out _, (IntPtr)text, NAME, out _, out _);
    return frame.Instruction;
  }
}

static class Program {
  const uint ONLY_THIS_PROCESS = 2, INFINITE = 0xffffffff, NO_DEBUGGEE = 7, EXCEPTION = 2, GO = 1, GO_NOT_HANDLED = 3;
  const int UNEXPECTED = unchecked((int)0x8000ffff);

  [DllImport("kernel32.dll")]
  static extern int TerminateProcess(IntPtr process, uint code);

  static bool Wait(IDebugControl5 control) {
    int result = control.WaitForEvent(0, INFINITE);
    if (result == UNEXPECTED) return false;
    Check.Ok(result, "WaitForEvent");
    Check.Ok(control.GetExecutionStatus(out uint status), "GetExecutionStatus");
    return status != NO_DEBUGGEE;
  }

  static void Main(string[] args) {
    var engine = new Engine(args[0]);
    var callbacks = new Callbacks(engine, args[2]);
    string line = Environment.CommandLine;
    IntPtr command = Marshal.StringToHGlobalUni(line[(line.IndexOf(" -- ") + 4)..]);
    Check.Ok(engine.Client.SetEventCallbacksWide(callbacks), "SetEventCallbacksWide");
    Check.Ok(engine.Client.SetOutputMask(0x80), "SetOutputMask");
    Check.Ok(engine.Client.SetOutputCallbacksWide(callbacks), "SetOutputCallbacksWide");
    long start = Stopwatch.GetTimestamp();
    Check.Ok(engine.Client.CreateProcessWide(0, command, ONLY_THIS_PROCESS), "CreateProcessWide");
    while (Wait(engine.Control)) {
      Check.Ok(engine.Control.GetLastEventInformation(out uint type, out _, out _, 0, 0, 0, 0, 0, 0), "GetLastEventInformation");
      Check.Ok(engine.Control.SetExecutionStatus(type == EXCEPTION ? GO_NOT_HANDLED : GO), "SetExecutionStatus");
    }
    Write(args[1], callbacks, args[2], Stopwatch.GetElapsedTime(start).TotalMicroseconds);
    TerminateProcess(-1, 0); // the engine's own clean-up can hold the process for five seconds
  }

  static void Write(string path, Callbacks callbacks, string verb, double microseconds) {
    using var file = File.Create(path);
    using var json = new Utf8JsonWriter(file);
    json.WriteStartObject();
    json.WriteNumber("exitCode", callbacks.ExitCode);
    json.WriteNumber("microsecondsTotal", microseconds);
    json.WriteStartObject("kinds");
    foreach (var (kind, count) in callbacks.Kinds) json.WriteNumber(kind, count);
    json.WriteEndObject();
    if (verb != "silent") {
      json.WriteNumber("digest", callbacks.Digest);
      json.WriteNumber("frames", callbacks.Frames);
      json.WriteNumber("readUs", callbacks.ReadUs);
      json.WriteNumber("againUs", callbacks.AgainUs);
    }
    json.WriteEndObject();
  }
}
