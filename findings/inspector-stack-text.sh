#!/usr/bin/env bash
# Software: Node 26.10.0 (V8 14.6) and Deno 2.9.6 (V8 15.0), inspector protocol 1.3.
# Expected: a program that adds to an error's message in `catch` and prints the error's stack prints the same with a
#   debugger as without, if that only pauses and resumes, or asks for a variable with throwOnSideEffect, which refuses
#   whatever the program could notice.
# Seen: without, the first line has what was added: V8 writes the text when the stack is first read. A pause on
#   exceptions reads it, as its report describes the error; so does showing the variables of a frame, and an evaluation
#   with throwOnSideEffect too. From then on the text stands, and the program prints the old message. With an
#   Error.prepareStackTrace of the program's own the pause runs that, in the middle of the `throw`.
. "$(dirname "$0")/lib/common.sh"
runtimes

cat >"$WORK/program.mjs" <<'JS'
try {
  throw new Error("no price");
} catch (error) {
  debugger;
  error.message = "order 7: " + error.message;
  console.log(error.stack.split("\n")[0]);
}
let calls = 0;
Error.prepareStackTrace = () => ++calls;
try {
  throw new Error("no stock");
} catch { /* as planned */ }
console.log("own code ran", calls);
JS
cat >"$WORK/client.mjs" <<'JS'
const { debug } = await import(process.env.HERE + "/lib/inspector.mjs");
const looks = {
  "at nothing": () => {},
  "at variables": async (target, [frame]) => {
    for (const { object } of frame.scopeChain.slice(0, -1)) {
      await target.send("Runtime.getProperties", { objectId: object.objectId, ownProperties: true });
    }
  },
  "without side effects": (target, [{ callFrameId }]) =>
    target.send("Debugger.evaluateOnCallFrame", { callFrameId, expression: "error", throwOnSideEffect: true }),
  "at exceptions": () => {},
};
for (const [name, look] of Object.entries(looks)) {
  const target = await debug(process.argv[2], process.argv[3]);
  if (name === "at exceptions") await target.send("Debugger.setPauseOnExceptions", { state: "all" });
  for (let stop; stop = await target.resume();) if (stop.reason !== "exception") await look(target, stop.callFrames);
  await target.finish();
  console.log(`${name}: ${target.output.trim().replace("\n", ", ")}`);
}
JS

seen=
for runtime in "$NODE" "$DENO"; do
  "$runtime" --version | head -1
  lines="no debugger: $("$runtime" "$WORK/program.mjs" | paste -sd , | sed 's/,/, /')
$(HERE=$HERE "$NODE" "$WORK/client.mjs" "$runtime" "$WORK/program.mjs")"
  lines=$(sed "s/^/${runtime##*/} /" <<<"$lines")
  echo "$lines"
  seen+=$lines$'\n'
done
for runtime in node deno; do
  shows "$seen" "^$runtime no debugger: Error: order 7: no price, own code ran 0$" \
    "^$runtime at nothing: Error: order 7: no price, own code ran 0$" "^$runtime at variables: Error: no price, own code ran 0$" \
    "^$runtime without side effects: Error: no price, own code ran 0$" "^$runtime at exceptions: Error: no price, own code ran 1$"
done
