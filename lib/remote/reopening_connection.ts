import type { EngineApi, EngineConnection } from "../dbgeng/engine_api.ts";
import type { EngineEvent } from "../session/engine.ts";

/** An engine that is made when it is first asked, and made anew when it is asked after it was closed. */
export class ReopeningConnection implements EngineConnection {
  onNotice: (event: EngineEvent) => void = () => {};
  onLost?: (error: Error) => void;
  readonly #make: () => EngineConnection;
  #connection: EngineConnection | undefined;

  constructor(make: () => EngineConnection) {
    this.#make = make;
  }

  async call<K extends keyof EngineApi>(
    name: K,
    ...values: Parameters<EngineApi[K]>
  ): Promise<ReturnType<EngineApi[K]>> {
    if (name !== "close") return await this.#open().call(name, ...values);
    const connection = this.#connection;
    this.#connection = undefined;
    try {
      return await connection?.call(name, ...values) as ReturnType<EngineApi[K]>;
    } finally {
      connection?.dispose();
    }
  }

  giveUp(): void {
    this.#connection?.giveUp?.();
  }

  awaits(processId?: number): boolean {
    return this.#connection?.awaits?.(processId) ?? true;
  }

  interrupt(): void {
    this.#connection?.interrupt();
  }

  leaveNow(departures: Parameters<EngineConnection["leaveNow"]>[0]): void {
    this.#connection?.leaveNow(departures);
  }

  dispose(): void {
    this.#connection?.dispose();
    this.#connection = undefined;
  }

  #open(): EngineConnection {
    if (this.#connection) return this.#connection;
    const connection = this.#make();
    connection.onNotice = (event) => this.onNotice(event);
    connection.onLost = (error) => this.onLost?.(error);
    return this.#connection = connection;
  }
}
