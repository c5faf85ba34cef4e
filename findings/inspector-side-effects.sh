#!/usr/bin/env bash
# Software: Node 26.10.0 (V8 14.6) and Deno 2.9.6 (V8 15.0), inspector protocol 1.3.
# Expected: Runtime.evaluate with throwOnSideEffect (documented as throwing where side effects are not excluded)
#   evaluates what builds new values only, so that watches can use it: a copy by spread as well as a copy by slice, a
#   value of a generator of its own, the stack of a new error.
# Seen: copying an array by spread passes, copying an object by spread is refused, and so are Object.assign to a fresh
#   object, Object.fromEntries and a generator of the expression's own. `new Error().stack` is refused while sorting,
#   push and Map.set on fresh objects pass. Math.random() is refused, Date.now() is not.
. "$(dirname "$0")/lib/common.sh"
runtimes

echo 'debugger;' >"$WORK/program.mjs"
cat >"$WORK/client.mjs" <<'JS'
const { debug } = await import(process.env.HERE + "/lib/inspector.mjs");
const target = await debug(process.argv[2], process.argv[3]);
for (const expression of ["[...[1, 2]]", "({ ...{ a: 1 } })", "Object.assign({}, { a: 1 })", "Object.fromEntries([['a', 1]])",
  "[...(function* () { yield 1 })()]", "new Error('x').message", "new Error('x').stack",
  "[3, 1].sort()", "[1].push(2)", "new Map().set(1, 2)", "Date.now()", "Math.random()"]) {
  const answer = await target.send("Runtime.evaluate", { expression, throwOnSideEffect: true });
  console.log(answer.exceptionDetails ? "refused" : "passes ", expression);
}
await target.resume();
await target.finish();
JS

for runtime in "$NODE" "$DENO"; do
  "$runtime" --version | head -1
  seen=$(HERE=$HERE "$NODE" "$WORK/client.mjs" "$runtime" "$WORK/program.mjs")
  echo "$seen"
  shows "$seen" '^passes  \[\.\.\.\[1' '^refused \(\{ \.\.\.' '^refused Object\.assign' '^refused Object\.fromEntries' \
    '^refused .*function\*' '^passes  .*message$' '^refused .*stack$' '^passes  .*sort' '^passes  .*push' '^passes  .*set' \
    '^passes  Date' '^refused Math'
done
