import type { Departure, EngineApi, EngineConnection } from "../dbgeng/engine_api.ts";
import type { EngineEvent } from "../session/engine.ts";

/** An engine that is opened by the first call that gets through to it: before that, a script makes this machine start nothing. */
export class LateConnection implements EngineConnection {
  onNotice: (event: EngineEvent) => void = () => {};
  readonly #open: () => EngineConnection;
  #connection: EngineConnection | undefined;

  constructor(open: () => EngineConnection) {
    this.#open = open;
  }

  async call<K extends keyof EngineApi>(
    name: K,
    ...values: Parameters<EngineApi[K]>
  ): Promise<ReturnType<EngineApi[K]>> {
    if (name === "close" && !this.#connection) return undefined as ReturnType<EngineApi[K]>;
    return await this.#opened().call(name, ...values);
  }

  interrupt(): void {
    this.#connection?.interrupt();
  }

  leaveNow(departures: readonly Departure[]): void {
    this.#connection?.leaveNow(departures);
  }

  dispose(): void {
    this.#connection?.dispose();
  }

  #opened(): EngineConnection {
    if (this.#connection) return this.#connection;
    const connection = this.#open();
    connection.onNotice = (event) => this.onNotice(event);
    return this.#connection = connection;
  }
}
