/** Memory of a program behind a stream: much of it goes in pieces. */
import assert from "node:assert/strict";
import { pair } from "./channel_support.ts";

const focus = { processId: 7 };
const MEGABYTE = 1 << 20;

for (const [accessible, asked] of [[0, 1], [MEGABYTE, 1], [4 * MEGABYTE, 2], [5 * MEGABYTE, 2]] as const) {
  Deno.test(`of a write of 9 MB where ${accessible / MEGABYTE} MB can be written, nothing behind that is`, async () => {
    const addresses: bigint[] = [];
    const { client, over } = pair({
      write: (_focus: unknown, address: bigint, bytes: Uint8Array) => {
        addresses.push(address);
        return Math.min(bytes.length, Math.max(0, accessible - Number(address)));
      },
    });
    assert.equal(await client.call("write", focus, 0n, new Uint8Array(9 * MEGABYTE)), accessible);
    assert.equal(addresses.length, asked);
    client.dispose();
    await over;
  });
}
