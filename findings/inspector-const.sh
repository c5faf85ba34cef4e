#!/usr/bin/env bash
# Software: Node 26.10.0 (V8 14.6) and Deno 2.9.6 (V8 15.0), inspector protocol 1.3.
# Expected: a paused `const` can be read, not changed: Debugger.evaluateOnCallFrame("limit = 70") throws "Assignment
#   to constant variable", so Debugger.setVariableValue (documented as changing variables of closures, locals and
#   catch scopes) refuses it too.
# Seen: setVariableValue overwrites the constant without an error, and the program itself, closures included, goes on
#   with the new value. In a debugger's variable view a `const` is as writable as a `let`.
. "$(dirname "$0")/lib/common.sh"
runtimes

cat >"$WORK/program.mjs" <<'JS'
function work() {
  const limit = 1;
  const read = () => limit;
  debugger;
  console.log("the program says", limit, read());
}
work();
JS
cat >"$WORK/client.mjs" <<'JS'
const { debug } = await import(process.env.HERE + "/lib/inspector.mjs");
const target = await debug(process.argv[2], process.argv[3]);
const { callFrames: [frame] } = await target.resume();
const { callFrameId } = frame;
const assigned = await target.send("Debugger.evaluateOnCallFrame", { callFrameId, expression: "limit = 70" });
console.log("evaluateOnCallFrame:", assigned.exceptionDetails.exception.description.split("\n")[0]);
const scopeNumber = frame.scopeChain.findIndex((scope) => scope.type === "local");
const change = { callFrameId, scopeNumber, variableName: "limit", newValue: { value: 70 } };
console.log("setVariableValue:", JSON.stringify(await target.send("Debugger.setVariableValue", change)));
await target.resume();
await target.finish();
console.log(target.output.trim());
JS

for runtime in "$NODE" "$DENO"; do
  "$runtime" --version | head -1
  seen=$(HERE=$HERE "$NODE" "$WORK/client.mjs" "$runtime" "$WORK/program.mjs")
  echo "$seen"
  shows "$seen" 'evaluateOnCallFrame: TypeError: Assignment to constant variable' '^setVariableValue: \{\}$' \
    '^the program says 70 70$'
done
