/** Standard input of script runtimes that are launched. */
import assert from "node:assert/strict";
import { inputStream } from "../../lib/session/input.ts";
import { SessionManager } from "../../lib/session/session.ts";
import { InspectorPortSupplier } from "../../lib/v8/supplier.ts";
import type { LaunchOptions } from "../../lib/session/options.ts";
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

  Deno.test(`${runtime}: the stream of a launch that fails is cancelled, before its program is there and after`, async () => {
    const suppliers = { engines: {}, ports: [new InspectorPortSupplier()], local: { address: "v8", engineId: "v8" } };
    await using session = new SessionManager({ watchExit: false }, suppliers);
    const controller = new AbortController();
    session.on("programCreate", () => controller.abort(new Error("enough")));
    const words = command(runtime, "reads.mjs");
    const port = await session.connect("v8");
    const launches: readonly (readonly [why: RegExp, line: readonly string[], LaunchOptions])[] = [
      [/there is no such program/, ["no-such-folder/node", ...words.slice(1)], {}],
      [/its working folder does not exist/, words, { directory: "no-such-folder" }],
      [/does not tell of them/, words, { children: "follow" }],
      [/^enough$/, words, { signal: controller.signal }],
    ];
    for (const [message, line, options] of launches) {
      const { promise: isCancelled, resolve: cancel } = Promise.withResolvers<void>();
      const input = new ReadableStream<Uint8Array<ArrayBuffer>>({ cancel });
      await assert.rejects(session.launch(line, { ...options, port, input }), { message });
      await isCancelled;
    }
  });
}
