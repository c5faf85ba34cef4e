/** Takes memory until something stops it. `bomb.ts WAY` */
const kept: unknown[] = [];
const ways: Readonly<Record<string, () => void>> = {
  heap: () => kept.push(Array.from({ length: 100_000 }, (_, index) => ({ index }))),
  buffers: () => kept.push(new Uint8Array(8 << 20).fill(1)),
  texts: () => kept.push(`${kept.length}`.padEnd(1 << 20, "ä")),
  shared: () => kept.push(new Uint8Array(new SharedArrayBuffer(8 << 20)).fill(1)),
};
const [way = ""] = Deno.args;
if (way === "worker") {
  const code = "const kept = []; for (;;) kept.push(new Uint8Array(8 << 20).fill(1));";
  new Worker(`data:text/javascript,${encodeURIComponent(code)}`, { type: "module" });
}
if (way === "wasm") {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536 });
  for (;;) {
    memory.grow(128);
    new Uint8Array(memory.buffer).fill(1);
  }
}
for (; way in ways;) ways[way]?.();
