/** Two ends of a stream in memory, and an engine that does as it is told. */
import type { EngineApi, EngineConnection } from "../../lib/dbgeng/engine_api.ts";
import type { ByteChannel } from "../../lib/remote/channel.ts";
import { RemoteConnection } from "../../lib/remote/remote_connection.ts";
import { serveEngine } from "../../lib/remote/serve.ts";
import type { EngineEvent } from "../../lib/session/engine.ts";

/** A channel, and the same from the other side. */
export function channelPair(): [ByteChannel, ByteChannel] {
  const one = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
  const other = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
  return [
    { readable: one.readable, writable: other.writable },
    { readable: other.readable, writable: one.writable },
  ];
}

/** Answers a call of the engine. */
export type Answer = (...values: never[]) => unknown;

/** An engine whose calls are answered by functions, and told in `log`. */
export class FakeConnection implements EngineConnection {
  onNotice: (event: EngineEvent) => void = () => {};
  readonly log: string[] = [];
  readonly #answers: Readonly<Partial<Record<keyof EngineApi, Answer>>>;
  readonly #onInterrupt: () => void;

  constructor(answers: Readonly<Partial<Record<keyof EngineApi, Answer>>> = {}, onInterrupt: () => void = () => {}) {
    this.#answers = answers;
    this.#onInterrupt = onInterrupt;
  }

  async call<K extends keyof EngineApi>(
    name: K,
    ...values: Parameters<EngineApi[K]>
  ): Promise<ReturnType<EngineApi[K]>> {
    this.log.push([name, ...values.map((value) => typeof value === "object" ? "{}" : `${value}`)].join(" "));
    return await this.#answers[name]?.(...values as never[]) as ReturnType<EngineApi[K]>;
  }

  interrupt(): void {
    this.log.push("interrupt");
    this.#onInterrupt();
  }

  leaveNow(departures: readonly { readonly processId: number; readonly how: string }[]): void {
    this.log.push(["leaveNow", ...departures.map(({ processId, how }) => `${how} ${processId}`)].join(" "));
  }

  dispose(): void {
    this.log.push("dispose");
  }
}

type Answers = Readonly<Record<string, Answer>>;

/** A client, the engine that it is served, and why that ended. */
export function pair(answers?: Answers, onInterrupt?: () => void): {
  engine: FakeConnection;
  client: RemoteConnection;
  over: Promise<string>;
} {
  const [here, there] = channelPair();
  const engine = new FakeConnection(answers, onInterrupt);
  const over = serveEngine(there, engine);
  return { engine, client: new RemoteConnection(here, { name: "host" }), over };
}

/** Resolves when a condition holds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  for (const end = performance.now() + 10_000; !condition();) {
    if (performance.now() > end) throw new Error(`Timed out: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
