/** What launched programs read from their standard input, by their own word. */
import assert from "node:assert/strict";
import { DebugSession, type InputSource, type LaunchOptions } from "../../mod.ts";
import { someBytes, word } from "../inputs.ts";
import { runScript } from "./child_script.ts";
import { serve } from "./server_support.ts";
import { debuggee, engineFolder, hostings, keepEngine, until } from "./support.ts";

keepEngine();

const READER = debuggee("reader.exe");

type Hosting = (typeof hostings)[number];

/** What the reader said of an input, and its exit code. */
async function said(hosting: Hosting, args: readonly string[], options: LaunchOptions): Promise<[string, unknown]> {
  await using session = new DebugSession({ hosting, engine: engineFolder() });
  let text = "";
  session.on("output", (event) => void (text += event.text));
  const program = await session.launch([READER, ...args], options);
  await session.wait();
  return [text, program.end?.exitCode];
}

/** A stream that gives its pieces one by one, and says whether it was cancelled. */
function stream(pieces: Iterable<Uint8Array<ArrayBuffer>>): {
  readonly input: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly isCancelled: boolean;
  readonly given: number;
} {
  const state = { isCancelled: false, given: 0 };
  const iterator = pieces[Symbol.iterator]();
  const input = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller): void {
      const { done, value } = iterator.next();
      if (done) return controller.close();
      state.given += value.length;
      controller.enqueue(value);
    },
    cancel: () => void (state.isCancelled = true),
  }, { highWaterMark: 0 });
  return Object.assign(state, { input });
}

function* endless(): Generator<Uint8Array<ArrayBuffer>, void, void> {
  for (const bytes = someBytes(10_000);;) yield bytes;
}

for (const hosting of hostings) {
  Deno.test(`a program (${hosting}) reads exactly what it is given, and its end`, async () => {
    const bytes = someBytes(300_001);
    const inputs: readonly (readonly [InputSource, Uint8Array])[] = [
      ["", new Uint8Array()],
      ["grüße\0\x1a世界\r\n", new TextEncoder().encode("grüße\0\x1a世界\r\n")],
      [bytes, bytes],
      [bytes.subarray(5, 77), bytes.slice(5, 77)],
      [stream([bytes.subarray(0, 1), new Uint8Array(), bytes.subarray(1)]).input, bytes],
    ];
    for (const [input, read] of inputs) assert.deepEqual(await said(hosting, [], { input }), [word(read), 7]);
  });

  Deno.test(`a program (${hosting}) that ends, or never reads, holds nothing up, and its stream is cancelled`, async () => {
    for (const [args, text] of [[["70000"], word(cut(70_000))], [["--never"], "never\n"]] as const) {
      const source = stream(endless());
      assert.deepEqual(await said(hosting, args, { input: source.input }), [text, 7]);
      await until(() => source.isCancelled, "the stream is cancelled");
      assert.ok(source.given < 70_000 + 4 * (64 << 10), `${source.given} bytes were read ahead`);
    }
  });

  Deno.test(`two programs of one session (${hosting}) read each its own`, async () => {
    await using session = new DebugSession({ hosting, engine: engineFolder() });
    const texts = new Map<number, string>();
    session.on("output", ({ program, text }) => void texts.set(program.pid, (texts.get(program.pid) ?? "") + text));
    const inputs = [someBytes(200_000), someBytes(100_000).reverse()];
    const programs = [];
    for (const input of inputs) programs.push(await session.launch([READER], { input }));
    while (programs.some(({ end }) => !end)) await session.wait();
    assert.deepEqual(programs.map(({ pid }) => texts.get(pid)), inputs.map(word));
  });

  Deno.test(`a program (${hosting}) that is let go reads on; the stream of one that could not be launched is cancelled`, async () => {
    await using session = new DebugSession({ hosting, engine: engineFolder() });
    const source = stream([someBytes(10)]);
    await assert.rejects(session.launch(["no-such-program.exe"], { input: source.input }));
    assert.deepEqual([source.given, source.isCancelled, source.input.locked], [0, true, false]);
    const late = stream(endless());
    const controller = new AbortController();
    const launched = session.launch([READER], {
      input: late.input,
      signal: controller.signal,
      on: { createProcess: () => controller.abort(new Error("enough")) },
    });
    await assert.rejects(launched, { message: "enough" });
    await until(() => late.isCancelled, "the program is there, and ended");
    const pieces = stream(endless());
    const program = await session.launch([READER, "2000000"], { input: pieces.input });
    await program.detach();
    await until(() => pieces.isCancelled, "it has read what it wanted, and ended");
  });

  Deno.test(`an input (${hosting}) that fails is told, and is the end of input to the program`, async () => {
    await using session = new DebugSession({ hosting, engine: engineFolder() });
    let text = "";
    session.on("output", (event) => void (text += event.text));
    const { promise: isLaunched, resolve: launched } = Promise.withResolvers<void>();
    const source = (async function* (): AsyncGenerator<Uint8Array<ArrayBuffer>> {
      yield someBytes(5);
      await isLaunched;
      throw new Error("the disk is gone");
    })();
    const input = ReadableStream.from(source);
    const program = await session.launch([READER], { input });
    launched();
    await assert.rejects(session.wait(), /Cannot read the program's input to its end: the disk is gone/);
    if (!program.end) await session.wait();
    assert.deepEqual([text, program.end?.exitCode], [word(someBytes(5)), 7]);
  });
}

function cut(length: number): Uint8Array {
  const piece = someBytes(10_000);
  return Uint8Array.from({ length }, (_, at) => piece[at % piece.length] ?? 0);
}

Deno.test("a script that leaves a program with an input unread ends by itself", async () => {
  const text = `
    const program = await latch.launch(${
    JSON.stringify([READER, "--never"])
  }, { engine, input: new Uint8Array(1 << 20) });
    console.log(program.state);`;
  const { code, err } = await runScript(text, {});
  assert.deepEqual([code, err], [0, ""]);
});

Deno.test("a process server gives no input: said before anything is launched", async () => {
  using server = await serve();
  await using session = new DebugSession({ engine: engineFolder() });
  const port = await session.connect(server.address);
  const source = stream([someBytes(10)]);
  const launched = session.launch([READER], { port, input: source.input });
  await assert.rejects(launched, {
    name: "AttachError",
    kind: "not-supported",
    message: /process server.*leave out input/,
  });
  assert.ok(source.isCancelled);
});

Deno.test("what is no input is refused before anything is launched", async () => {
  await using session = new DebugSession({ engine: engineFolder() });
  const locked = new Blob(["text"]).stream();
  locked.getReader();
  for (const input of [7, null, {}, ["text"], locked]) {
    await assert.rejects(session.launch([READER], { input: input as never }), {
      name: "TypeError",
      message: /input is/,
    });
  }
});
