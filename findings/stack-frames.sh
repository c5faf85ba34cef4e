#!/usr/bin/env bash
# Software: Node 26.10.0; npm packages error-stack-parser-es 2.0.1, stack-trace 1.0.0, stack-utils 2.0.6,
#   stacktrace-parser 0.1.11, stacktracey 2.2.0.
# Expected: parsers of V8's stack text give every frame a file, a line and a column; a trap in WebAssembly keeps its
#   first frame, the one that failed, with the byte offset that V8 prints (`...wasm-function[0]:0x1e`); for `at async
#   file:///...:5:1`, the frame of top-level await, the file is the URL.
# Seen: three of the five drop the failing WebAssembly frame (stack-utils as null), so that the JavaScript caller
#   looks like the place of the trap; a fourth takes the offset 0x1e for line 0; the last puts the whole place into
#   the file name. And three of the five call the file of a top-level await "async file:///..."; the other two call
#   the function "async".
. "$(dirname "$0")/lib/common.sh"
runtimes
once parsers npm_packages error-stack-parser-es@2.0.1 stack-trace@1.0.0 stack-utils@2.0.6 stacktrace-parser@0.1.11 stacktracey@2.2.0

cat >"$WORK/program.mjs" <<'JS'
import { createRequire } from "node:module";
const require = createRequire(process.argv[2] + "/node_modules/");
const es = await import(require.resolve("error-stack-parser-es"));
const trace = await import(require.resolve("stack-trace"));
const StackUtils = require("stack-utils");
const parser = require("stacktrace-parser");
const StackTracey = require("stacktracey");

const utils = new StackUtils();
const parsers = {
  "error-stack-parser-es": (e) => es.parse(e).map((f) => [f.functionName ?? f.function, f.fileName ?? f.file, f.lineNumber ?? f.line]),
  "stack-trace": (e) => trace.parse(e).map((f) => [f.functionName, f.fileName, f.lineNumber]),
  "stack-utils": (e) => e.stack.split("\n").slice(1).map((l) => utils.parseLine(l)).map((f) => [f?.function, f?.file, f?.line]),
  "stacktrace-parser": (e) => parser.parse(e.stack).map((f) => [f.methodName, f.file, f.lineNumber]),
  "stacktracey": (e) => new StackTracey(e).items.map((f) => [f.callee, f.file, f.line]),
};
function show(title, error, pick) {
  console.log(error.stack);
  for (const [name, parse] of Object.entries(parsers)) console.log(`${title} ${name}: ${JSON.stringify(pick(parse(error)))}`);
}

// (module (func (export "f") unreachable))
const bytes = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 5, 1, 3, 0, 0, 11];
const { instance } = await WebAssembly.instantiate(new Uint8Array(bytes));
try { instance.exports.f(); } catch (error) { show("wasm", error, (frames) => frames[0]); }

async function fail() { await 0; throw new Error("late"); }
try { await fail(); } catch (error) { show("await", error, (frames) => frames.at(-1)); }
JS

"$NODE" --version
seen=$("$NODE" "$WORK/program.mjs" "$TOOLS/parsers")
echo "$seen"
shows "$seen" '^    at wasm://wasm/[0-9a-f]+:wasm-function\[0\]:0x1e$' '^wasm error-stack-parser-es: \[null,"wasm://.*:0x1e",null\]' \
  '^wasm stack-trace: \[null,"wasm://.*wasm-function\[0\]",0\]' '^wasm stack-utils: \[null,null,null\]' \
  '^wasm stacktrace-parser: .*program\.mjs' '^wasm stacktracey: .*program\.mjs' \
  '^await error-stack-parser-es: \[null,"async file://' '^await stack-trace: \[null,"async file://' \
  '^await stack-utils: \[null,"async file://' '^await stacktrace-parser: \["async","file://' '^await stacktracey: \["async","/?'
