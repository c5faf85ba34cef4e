#!/usr/bin/env bash
# Software: Node 26.10.0 with --enable-source-maps, Deno 2.9.6; esbuild 0.28.2 (its Linux program from npm).
# Expected: of a minified program with its source map a stack trace shows places and functions as the source has them:
#   with a map no function gets a name that is worse than without, and one that has none stays without.
# Seen: Node calls an arrow function by its first parameter. `const price = (refund) => ...` kept its name in the
#   minified file, and plain Node prints `at price`; with the map it prints `at refund`, which is another function of the
#   source, one that never ran. The callback without a name becomes `at order`. Deno reads the same map and keeps
#   `price`. The places are right in both. (A map names the identifier at a place; Node asks it for the place where the
#   function begins, and that is its parameter.)
. "$(dirname "$0")/lib/common.sh"
runtimes
once esbuild npm_packages @esbuild/linux-x64@0.28.2

cd "$WORK"
cat >shop.js <<'JS'
function refund() { return 0; }
const price = (refund) => { throw new Error("no price"); };
try {
  console.log([{}].map((order) => price(order)));
} catch (error) {
  console.log(error.stack.split("\n").slice(0, 4).join("\n"));
}
JS
"$TOOLS/esbuild/node_modules/@esbuild/linux-x64/bin/esbuild" shop.js --minify --sourcemap --outfile=small.js --log-level=error
cat small.js
"$NODE" --version
source=$("$NODE" shop.js)
plain=$("$NODE" small.js)
mapped=$("$NODE" --enable-source-maps small.js)
deno=$("$DENO" run --quiet small.js)
printf '%s\n' "-- source" "$source" "-- minified" "$plain" "-- minified, with its map" "$mapped" "-- Deno, with its map" "$deno"
shows "$source" 'at price .*shop\.js:2:' '^    at [^ ]*shop\.js:4:'
shows "$plain" 'at price .*small\.js:1:' '^    at [^ ]*small\.js:1:'
shows "$mapped" 'at refund .*shop\.js:2:' 'at order .*shop\.js:4:'
lacks "$mapped" 'at price'
shows "$deno" 'at price .*shop\.js:2:' '^    at [^ ]*shop\.js:4:'
