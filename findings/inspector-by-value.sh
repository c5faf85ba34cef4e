#!/usr/bin/env bash
# Software: Node 26.10.0 (V8 14.6) and Deno 2.9.6 (V8 15.0), inspector protocol 1.3.
# Expected: Runtime.evaluate with returnByValue (documented as sending JSON by value) gives what JSON.stringify would:
#   a Date as its ISO text, toJSON honoured, a BigInt refused; -0 and NaN as unserializableValue, as they are when
#   they stand alone.
# Seen: toJSON is never called: a Date arrives as {}, an object's toJSON function as {"toJSON": {}}, and functions are
#   {} where JSON leaves them out. Inside an object -0 becomes 0 and NaN null, although the same values alone come
#   back exact. One symbol, which JSON would leave out, fails the whole answer, as one BigInt does.
. "$(dirname "$0")/lib/common.sh"
runtimes

echo 'debugger;' >"$WORK/program.mjs"
cat >"$WORK/client.mjs" <<'JS'
const { debug } = await import(process.env.HERE + "/lib/inspector.mjs");
const target = await debug(process.argv[2], process.argv[3]);
for (const expression of ["new Date(0)", "({ toJSON() { return 1 } })", "[() => 1]", "({ f() {} })", "-0", "[-0]", "NaN",
  "[NaN]", "({ s: Symbol() })", "({ n: 1n })"]) {
  const { result, error } = await target.send("Runtime.evaluate", { expression, returnByValue: true });
  const text = error ?? result.unserializableValue ?? JSON.stringify(result.value);
  let json;
  try { json = JSON.stringify(eval(expression)); } catch (thrown) { json = thrown.name; }
  console.log(`${expression} by value: ${text} | JSON.stringify: ${json}`);
}
await target.resume();
await target.finish();
JS

for runtime in "$NODE" "$DENO"; do
  "$runtime" --version | head -1
  seen=$(HERE=$HERE "$NODE" "$WORK/client.mjs" "$runtime" "$WORK/program.mjs")
  echo "$seen"
  shows "$seen" '^new Date\(0\) by value: \{\} ' 'toJSON.* by value: \{"toJSON":\{\}\} ' \
    '^\(\{ f\(\) \{\} \}\) by value: \{"f":\{\}\} ' \
    '^-0 by value: -0 ' '^\[-0\] by value: \[0\] ' '^NaN by value: NaN ' '^\[NaN\] by value: \[null\] ' \
    "Symbol.* by value: Object couldn't be returned by value \\| JSON.stringify: \\{\\}" \
    "1n.* by value: Object couldn't be returned by value"
done
