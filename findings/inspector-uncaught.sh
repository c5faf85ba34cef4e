#!/usr/bin/env bash
# Software: Node 26.10.0 (V8 14.6) and Deno 2.9.6 (V8 15.0), inspector protocol 1.3.
# Expected: with Debugger.setPauseOnExceptions "uncaught" a debugger stops where an error is thrown that nobody
#   catches, and nowhere else; a plain `throw` at the top of a program, which ends it with code 1, is the surest case
#   of all.
# Seen: neither runtime stops there when the program is a module. In a timer Node stops, Deno does not, though the
#   throw ends the program in both. And Deno stops, with "uncaught": true, at a rejection that the very next line
#   awaits inside try/catch; that program ends with code 0.
. "$(dirname "$0")/lib/common.sh"
runtimes

cat >"$WORK/top.mjs" <<'JS'
function fail() { throw new Error("boom"); }
fail();
JS
cat >"$WORK/timer.mjs" <<'JS'
setTimeout(() => { throw new Error("boom"); }, 1);
JS
cat >"$WORK/handled.mjs" <<'JS'
async function fail() { throw new Error("boom"); }
const running = fail();
try { await running; } catch { console.log("handled"); }
JS
cat >"$WORK/client.mjs" <<'JS'
const { debug } = await import(process.env.HERE + "/lib/inspector.mjs");
const target = await debug(process.argv[2], process.argv[3]);
await target.send("Debugger.setPauseOnExceptions", { state: "uncaught" });
const stops = [];
for (let stop; stop = await target.resume();) stops.push(`${stop.reason} uncaught=${stop.data.uncaught}`);
console.log(stops.join(", ") || "no stop", "- exit code", await target.finish());
JS

try() { HERE=$HERE "$NODE" "$WORK/client.mjs" "$1" "$WORK/$2.mjs"; }
seen=
for runtime in "$NODE" "$DENO"; do
  "$runtime" --version | head -1
  for program in top timer handled; do
    line="$(basename "$runtime") $program: $(try "$runtime" $program)"
    echo "$line"
    seen+=$line$'\n'
  done
done
shows "$seen" '^node top: no stop - exit code 1' '^deno top: no stop - exit code 1' \
  '^node timer: exception uncaught=true - exit code 1' '^deno timer: no stop - exit code 1' \
  '^node handled: no stop - exit code 0' '^deno handled: promiseRejection uncaught=true - exit code 0'
