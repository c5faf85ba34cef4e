/** Sends its host what Latch never sends. `forge.ts WAY` */
import { frame, print } from "./raw.ts";
const greeting = '{"hello":"latch","version":4}';
const ways: Readonly<Record<string, () => void>> = {
  "no JSON": () => frame("{"),
  "no greeting": () => frame('{"id":1,"call":"open","values":[{}]}'),
  "another version": () => frame('{"hello":"latch","version":99}'),
  "an answer": () => [greeting, '{"id":1,"value":1}'].forEach(frame),
  "an error as an answer": () => [greeting, '{"id":1,"error":{"name":"x"}}'].forEach(frame),
  "a notice": () => [greeting, '{"notice":{}}'].forEach(frame),
  "two greetings": () => [greeting, greeting].forEach(frame),
  "a number": () => [greeting, "1"].forEach(frame),
  "null": () => [greeting, "null"].forEach(frame),
  "a text as the id": () => [greeting, '{"id":"1","call":"open","values":[]}'].forEach(frame),
  "no list of values": () => [greeting, '{"id":1,"call":"open","values":{}}'].forEach(frame),
  "a damaged bigint": () => [greeting, '{"id":1,"call":"open","values":[{"$bigint":"x"}]}'].forEach(frame),
  "deep nesting": () =>
    [greeting, `{"id":1,"call":"open","values":${"[".repeat(1e6)}${"]".repeat(1e6)}}`].forEach(frame),
  "no UTF-8": () => print(new Uint8Array([0, 0xff, 0xfe, 10])),
  "a huge frame": () => {
    print("\0");
    const part = new Uint8Array(1 << 20).fill(0x20);
    for (let megabyte = 0; megabyte < 20; megabyte++) print(part);
  },
};
ways[Deno.args[0] ?? ""]?.();
await new Promise((resolve) => setTimeout(resolve, 60_000));
