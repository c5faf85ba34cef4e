#!/usr/bin/env bash
# Software: NuGet Microsoft.Diagnostics.Runtime (ClrMD) 4.2.750101 and Microsoft.Diagnostics.NETCore.Client
#   0.2.750501, on .NET 10 for Linux (tried with 10.0.12).
# Expected: a dump of a running .NET program, written by DiagnosticsClient.WriteDump and opened by ClrMD in the same
#   minute on the same machine with the same runtime: CreateRuntime() finds the runtime's own libmscordaccore.so, as
#   ClrMD's maintainers say it does there. In a dump without the heap (DumpType.Normal) CanWalkHeap is false, or
#   walking it fails.
# Seen: CreateRuntime() finds no data access library (FileNotFoundException). Given the right file it refuses that as
#   well, "Mismatched dac ... expected: 0.0": the version of the runtime in the dump reads as 0.0. Only ignoreMismatch
#   helps. And then the dump without a heap says CanWalkHeap true and enumerates 0 objects, without an error; the one
#   with the heap has hundreds.
. "$(dirname "$0")/lib/common.sh"

cat >"$WORK/program.cs" <<'CS'
using System.Diagnostics;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Runtime;

if (args.Length > 0) {
    Console.WriteLine("ready");
    Console.ReadLine();
    return;
}
var start = new ProcessStartInfo(Environment.ProcessPath!, [typeof(DumpFile).Assembly.Location, "wait"]) {
    RedirectStandardInput = true,
    RedirectStandardOutput = true,
};
using var child = Process.Start(start)!;
child.StandardOutput.ReadLine();
foreach (var type in new[] { DumpType.Normal, DumpType.WithHeap }) {
    var path = Path.Combine(AppContext.BaseDirectory, type + ".dmp");
    new DiagnosticsClient(child.Id).WriteDump(type, path, logDumpGeneration: false);
    DumpFile.Read(type, path);
}
child.StandardInput.Close();
child.WaitForExit();

static class DumpFile {
    public static void Read(DumpType type, string path) {
        using var target = DataTarget.LoadDump(path);
        var clr = target.ClrVersions.Single();
        var dac = Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "libmscordaccore.so");
        Try(type + ", CreateRuntime()", () => clr.CreateRuntime());
        Try(type + ", CreateRuntime(its own library)", () => clr.CreateRuntime(dac));
        Try(type + ", CreateRuntime(its own library, ignoreMismatch)", () => clr.CreateRuntime(dac, true));
    }
    static void Try(string what, Func<ClrRuntime> create) {
        try {
            using var runtime = create();
            var count = runtime.Heap.EnumerateObjects().Count();
            Console.WriteLine($"{what}: CanWalkHeap {runtime.Heap.CanWalkHeap}, {(count > 0 ? "some" : "no")} objects");
        } catch (Exception error) {
            Console.WriteLine($"{what}: {error.GetType().Name}: {error.Message.Split("Note")[0]}");
        }
    }
}
CS
dotnet_program Microsoft.Diagnostics.Runtime=4.2.750101 Microsoft.Diagnostics.NETCore.Client=0.2.750501
dotnet --list-runtimes | sed -n 's/ \[.*//; /NETCore.App 10/p'
seen=$(dotnet "$WORK/out/program.dll")
echo "$seen"
shows "$seen" '^WithHeap, CreateRuntime\(\): FileNotFoundException: Could not find matching DAC' \
  '^WithHeap, CreateRuntime\(its own library\): ClrDiagnosticsException: Mismatched dac.*expected: 0\.0' \
  '^WithHeap, .*ignoreMismatch\): CanWalkHeap True, some objects$' '^Normal, .*ignoreMismatch\): CanWalkHeap True, no objects$'
