#!/usr/bin/env bash
# Software: .NET 10 (any 10.0 runtime; tried with 10.0.12).
# Expected: AppDomain.FirstChanceException, documented as coming before the runtime looks for a handler of an
#   exception that was thrown, comes once for each `throw`, as 0xE0434352 does to a native debugger: one failing call,
#   one event.
# Seen: one `throw` five awaits deep gives 7, one under Parallel.For 4, under MethodInfo.Invoke 3, in a static
#   constructor or under Lazy<T> or Task.Wait 2: every layer that carries the exception on throws it again, or one of
#   its own. A debugger that stops on every throw stops that often.
. "$(dirname "$0")/lib/common.sh"

cat >"$WORK/program.cs" <<'CS'
int events = 0;
AppDomain.CurrentDomain.FirstChanceException += (_, _) => events++;

void Plain(int depth) {
    if (depth == 0) throw new Exception("boom");
    Plain(depth - 1);
}
async Task Awaited(int depth) {
    if (depth == 0) throw new Exception("boom");
    await Awaited(depth - 1);
}
async Task Count(string what, Func<Task> action) {
    events = 0;
    int seen = 0;
    try { await action(); } catch { seen = events; }
    Console.WriteLine($"{what}: {seen}");
}
void CountSync(string what, Action action) {
    events = 0;
    try { action(); } catch { }
    Console.WriteLine($"{what}: {events}");
}

CountSync("five calls deep", () => Plain(5));
await Count("five awaits deep", () => Awaited(5));
CountSync("Task.Wait", () => Awaited(0).Wait());
CountSync("Lazy", () => _ = new Lazy<int>(() => throw new Exception("boom")).Value);
CountSync("static constructor", () => new Broken());
CountSync("MethodInfo.Invoke", () => typeof(Thrower).GetMethod("Throw")!.Invoke(null, null));
CountSync("Parallel.For", () => Parallel.For(0, 1, _ => throw new Exception("boom")));

class Broken {
    static Broken() => throw new Exception("boom");
}
class Thrower {
    public static void Throw() => throw new Exception("boom");
}
CS
dotnet_program
dotnet --list-runtimes | sed -n 's/ \[.*//; /NETCore.App 10/p'
seen=$(dotnet "$WORK/out/program.dll")
echo "$seen"
shows "$seen" '^five calls deep: 1$' '^five awaits deep: 7$' '^Task.Wait: 2$' '^Lazy: 2$' '^static constructor: 2$' \
  '^MethodInfo.Invoke: 3$' '^Parallel.For: 4$'
