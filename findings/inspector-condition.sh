#!/usr/bin/env bash
# Software: Node 26.10.0 (V8 14.6) and Deno 2.9.6 (V8 15.0), inspector protocol 1.3.
# Expected: Debugger.setBreakpointByUrl refuses a condition that does not parse; one that throws either stops (so that
#   the user sees it) or counts as false in silence. Runtime.exceptionThrown, documented for thrown and unhandled
#   exceptions, tells of the program's own errors.
# Seen: the condition `n ===` is taken without complaint, and every pass over the line then sends
#   Runtime.exceptionThrown with its SyntaxError, as for an error of the program's. So a tool that counts or reports
#   uncaught errors by that event blames a program that threw nothing and ended with code 0. A condition that throws
#   does the same.
. "$(dirname "$0")/lib/common.sh"
runtimes

cat >"$WORK/program.mjs" <<'JS'
function step(n) {
  return n + 1;
}
for (let i = 0; i < 5; i++) step(i);
JS
cat >"$WORK/client.mjs" <<'JS'
const { debug } = await import(process.env.HERE + "/lib/inspector.mjs");
for (const condition of ["n ===", "n.missing.deep", "n === 99"]) {
  const target = await debug(process.argv[2], process.argv[3]);
  const script = target.events.find((event) => event.params?.url?.endsWith("program.mjs"));
  const set = await target.send("Debugger.setBreakpointByUrl", { url: script.params.url, lineNumber: 1, condition });
  const stop = await target.resume();
  const thrown = target.events.filter((event) => event.method === "Runtime.exceptionThrown");
  const words = thrown[0]?.params.exceptionDetails.exception.description.split("\n")[0] ?? "";
  console.log(`[${condition}] set: ${set.error ?? "yes"}, stops: ${stop ? 1 : 0}, exceptionThrown: ${thrown.length}`,
    `${words}, exit code ${await target.finish()}`);
}
JS

for runtime in "$NODE" "$DENO"; do
  "$runtime" --version | head -1
  seen=$(HERE=$HERE "$NODE" "$WORK/client.mjs" "$runtime" "$WORK/program.mjs")
  echo "$seen"
  shows "$seen" '^\[n ===\] set: yes, stops: 0, exceptionThrown: 5 SyntaxError.*, exit code 0' \
    '^\[n.missing.deep\] set: yes, stops: 0, exceptionThrown: 5 TypeError.*, exit code 0' \
    '^\[n === 99\] set: yes, stops: 0, exceptionThrown: 0 , exit code 0'
done
