/** Streams that launches were given which fail: nobody will read them, so they are cancelled; on scripted engines. */
import assert from "node:assert/strict";
import type { InputSource } from "../../lib/session/input.ts";
import type { LaunchOptions } from "../../lib/session/options.ts";
import type { SessionManager } from "../../lib/session/session.ts";
import { hurried, later } from "./fake_contract.ts";
import { type ScriptedPort, World } from "./fake_world.ts";

/** What a launch is made to fail by. */
type Failure = (scene: Scene) => LaunchOptions | Promise<LaunchOptions>;

interface Scene {
  readonly world: World;
  readonly session: SessionManager;
  readonly port: ScriptedPort;
}

const reason = new Error("enough");

const FAILURES: Readonly<Record<string, Failure>> = {
  "its engine refuses": ({ world, port }) => {
    world.prepare = (engine) => engine.attach = () => Promise.reject(reason);
    return { port };
  },
  "its engine cannot be loaded": ({ world, port }) => {
    world.prepare = (engine) => engine.info = () => Promise.reject(reason);
    return { port };
  },
  "its port refuses": ({ port }) => {
    port.launch = () => Promise.reject(reason);
    return { port };
  },
  "it was given up before it began": ({ port }) => ({ port, signal: AbortSignal.abort(reason) }),
  "it is given up before its program comes up": ({ world, port }) => {
    world.prepare = (engine) => engine.arrival = () => [];
    const controller = new AbortController();
    void world.sessionEngineIdle().then(() => controller.abort(reason));
    return { port, signal: controller.signal };
  },
  "the session is over": async ({ session, port }) => {
    await session[Symbol.asyncDispose]();
    return { port };
  },
  "another option is wrong": ({ port }) => ({ port, directory: 7 as never }),
};

for (const [how, fail] of Object.entries(FAILURES)) {
  Deno.test(`the stream of a launch is cancelled when ${how}`, async () => {
    const world = new World();
    const session = world.session();
    const port = await session.connect("one") as ScriptedPort;
    let told: unknown;
    const cancelled = Promise.withResolvers<void>();
    const cancel = (error: unknown): void => {
      told = error;
      cancelled.resolve();
    };
    const input = new ReadableStream<Uint8Array<ArrayBuffer>>({ cancel });
    const options = { ...await fail({ world, session, port }), input };
    await hurried(() => assert.rejects(session.launch(["app.exe"], options), (error) => error === told));
    await cancelled.promise;
    await session[Symbol.asyncDispose]();
  });
}

Deno.test("a stream that somebody else reads is not touched by a launch that is refused for it, nor is one whose source fails at that a failure", async () => {
  const { session, port } = await new World().scene();
  const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
  const reader = readable.getReader();
  await assert.rejects(session.launch(["app.exe"], { port, input: readable }), TypeError);
  const writer = writable.getWriter();
  void writer.write(new Uint8Array([1]));
  assert.deepEqual((await reader.read()).value, new Uint8Array([1]));
  const stubborn = new ReadableStream<Uint8Array<ArrayBuffer>>({ cancel: () => Promise.reject(new Error("no")) });
  await assert.rejects(session.launch("", { port, input: stubborn }), /the command is empty/);
  for (const input of ["text", new Uint8Array(1), 7 as never, null as never] satisfies InputSource[]) {
    await assert.rejects(session.launch("", { port, input }), TypeError);
  }
  await later();
  await session[Symbol.asyncDispose]();
});

Deno.test("a launch that is given the stream of another is refused, and leaves it as it is", async () => {
  const { session, port } = await new World().scene();
  let told: unknown;
  const input = new ReadableStream<Uint8Array<ArrayBuffer>>({ cancel: (error) => void (told = error) });
  const { launch } = port;
  const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  port.launch = async (request) => {
    asked.resolve();
    await answer.promise;
    return await launch.call(port, request);
  };
  const first = session.launch(["app.exe"], { port, input });
  await asked.promise;
  for (const more of [{}, { directory: 7 as never }, { signal: AbortSignal.abort(reason) }]) {
    await assert.rejects(session.launch(["b.exe"], { port, input, ...more }), {
      name: "TypeError",
      message: "Cannot launch: input is a stream that another launch was given; give each one of its own",
    });
  }
  await later();
  assert.equal(told, undefined);
  answer.reject(reason);
  await assert.rejects(first, (error) => error === reason);
  await later();
  assert.equal(told, reason);
  await assert.rejects(session.launch(["b.exe"], { port, input }), TypeError); // nothing would come of it any more
  await session[Symbol.asyncDispose]();
});
