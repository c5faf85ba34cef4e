/** Standard input of script runtimes that are launched. */
import assert from "node:assert/strict";
import { inputStream } from "../../lib/session/input.ts";
import { InspectorPortSupplier } from "../../lib/v8/supplier.ts";
import { someBytes } from "../inputs.ts";
import { attach, command, host, launchRequest, Recording, runtimes } from "./support.ts";

for (const runtime of runtimes) {
  Deno.test(`${runtime}: a launched program reads what it is given, and its end`, async () => {
    const bytes = someBytes(300_001);
    const port = await new InspectorPortSupplier().addPort("v8", host);
    const recording = new Recording();
    const errors: unknown[] = [];
    const input = { source: inputStream("Cannot launch", bytes), onError: (error: unknown) => void errors.push(error) };
    const program = await port.launch(launchRequest(command(runtime, "reads.mjs"), { input }));
    await attach(program, recording);
    await recording.engine.run("go");
    const sum = bytes.reduce((sum, byte) => (sum + byte) % 65521, 0);
    assert.deepEqual(recording.of("output").map(({ text }) => text), [`300001 bytes, sum ${sum}`]);
    assert.deepEqual(recording.of("exitProcess").map(({ exitCode }) => exitCode), [0]);
    assert.deepEqual(errors, []);
    await recording.engine.dispose();
  });
}
