import assert from "node:assert/strict";
import type { Architecture } from "../../mod.ts";
import { event, fakeSession, MODULE, THREAD } from "./fake_engine.ts";

const SIZES: readonly [Architecture | undefined, number, bigint][] = [
  ["x86", 4, 0x12345678n],
  ["arm", 4, 0x12345678n],
  ["x64", 8, 0xdeadbeef12345678n],
  ["arm64", 8, 0xdeadbeef12345678n],
  [undefined, 8, 0xdeadbeef12345678n],
];

for (const [architecture, size, pointer] of SIZES) {
  Deno.test(`a pointer of a program of ${architecture ?? "unknown architecture"} has ${size} bytes`, async () => {
    const { session, engine } = fakeSession();
    await using _ = session;
    const memory = Uint8Array.of(0x78, 0x56, 0x34, 0x12, 0xef, 0xbe, 0xad, 0xde);
    engine.answers.read = (_focus, _address, length) => memory.slice(0, length);
    const launch = session.launch("app.exe");
    await engine.running();
    const told = architecture ? { architecture } : {};
    await engine.pass(event("createProcess", 7, { module: MODULE, startAddress: 0n, ...told }));
    engine.stop({ kind: "initialBreak", processId: 7, threadId: THREAD });
    const program = await launch;
    assert.equal(program.architecture, architecture);
    assert.equal(program.pointerSize, size);
    assert.equal(await program.memory.readPointer(0x1000n), pointer);
  });
}
