#!/usr/bin/env bash
# Software: Node 26.10.0 (V8 14.6) and Deno 2.9.6 (V8 15.0), inspector protocol 1.3; two clients of one program, as an
#   editor and a browser's DevTools are.
# Expected: on which exceptions to pause is each client's own setting, as its breakpoints and setBreakpointsActive are:
#   what another one sets makes no difference to the first, or at most adds pauses.
# Seen: there is one setting for all. The first asks for "all"; the second says "none", as a client does that wants no
#   part in it, and the first stops nowhere any more, without an error or an event. The other way round it is stopped at
#   exceptions that it never asked for, and still when the second has gone. With breakpoints nothing of the kind:
#   those of the first go on hitting while the second has its own switched off.
. "$(dirname "$0")/lib/common.sh"
runtimes

cat >"$WORK/program.mjs" <<'JS'
for (const order of [1, 2]) {
  try {
    throw new Error(`order ${order}`);
  } catch { /* as planned */ }
}
JS
cat >"$WORK/client.mjs" <<'JS'
const { attach, debug } = await import(process.env.HERE + "/lib/inspector.mjs");
const exceptions = (client, state) => client.send("Debugger.setPauseOnExceptions", { state });
const cases = {
  "first all": (first) => exceptions(first, "all"),
  "first all, second none": async (first, second) => {
    await exceptions(first, "all");
    await exceptions(second, "none");
  },
  "second all": (_, second) => exceptions(second, "all"),
  "second all and gone": async (_, second) => {
    await exceptions(second, "all");
    await second.send("Debugger.disable");
  },
  "first breakpoint, second inactive": async (first, second) => {
    await first.send("Debugger.setBreakpointByUrl", { urlRegex: "program\\.mjs$", lineNumber: 2 });
    await second.send("Debugger.setBreakpointsActive", { active: false });
  },
};
for (const [name, prepare] of Object.entries(cases)) {
  const first = await debug(process.argv[2], process.argv[3]);
  const second = await attach(first);
  await prepare(first, second);
  const stops = [];
  for (let stop; stop = await first.resume();) stops.push(stop.hitBreakpoints.length ? "breakpoint" : stop.reason);
  second.close();
  console.log(`${name}: the first is stopped by ${stops.join(", ") || "nothing"} - exit code ${await first.finish()}`);
}
JS

seen=
for runtime in "$NODE" "$DENO"; do
  "$runtime" --version | head -1
  lines=$(HERE=$HERE "$NODE" "$WORK/client.mjs" "$runtime" "$WORK/program.mjs" | sed "s/^/${runtime##*/} /")
  echo "$lines"
  seen+=$lines$'\n'
done
for runtime in node deno; do
  shows "$seen" "^$runtime first all: .* by exception, exception - exit code 0" \
    "^$runtime first all, second none: .* by nothing - exit code 0" "^$runtime second all: .* by exception, exception -" \
    "^$runtime second all and gone: .* by exception, exception -" \
    "^$runtime first breakpoint, second inactive: .* by breakpoint, breakpoint -"
done
