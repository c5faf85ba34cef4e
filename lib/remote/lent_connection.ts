import type { EngineApi, EngineConnection, EngineInput } from "../dbgeng/engine_api.ts";
import type { EngineEvent } from "../session/engine.ts";
import { EngineError } from "../session/errors.ts";
import type { ByteChannel } from "./channel.ts";
import { RemoteConnection } from "./remote_connection.ts";

/** The one way out of a confined script, as its preload leaves it. */
export interface ConfinedChannel extends ByteChannel {
  /** Keeps the script alive while a session uses the channel. */
  ref(): void;
  /** Lets it end. */
  unref(): void;
}

interface Line {
  readonly connection: RemoteConnection;
  isLent: boolean;
}

const lines = new WeakMap<ConfinedChannel, Line>();

/**
 * A session's turn on a channel that outlives it: sessions use it one after another.
 * @throws {EngineError} kind `in-use` while another one has it.
 */
export function lendConnection(channel: ConfinedChannel): EngineConnection {
  const line = lines.get(channel) ?? newLine(channel);
  lines.set(channel, line);
  if (line.isLent) {
    throw new EngineError(
      "in-use",
      "Cannot open the debugger engine: this script has a session already; dispose of that one first",
    );
  }
  line.isLent = true;
  line.connection.ref(true);
  return new LentConnection(line.connection, () => line.isLent = false);
}

function newLine(channel: ConfinedChannel): Line {
  channel.ref(); // a connection takes it that it is, at first
  const connection = new RemoteConnection(channel, {
    name: "host of this confined script",
    silence: Infinity,
    ref: (isNeeded) => isNeeded ? channel.ref() : channel.unref(),
  });
  return { connection, isLent: false };
}

class LentConnection implements EngineConnection {
  readonly #connection: RemoteConnection;
  readonly #giveBack: () => void;
  #isClosed = false;
  #isGivenBack = false;

  constructor(connection: RemoteConnection, giveBack: () => void) {
    this.#connection = connection;
    this.#giveBack = giveBack;
  }

  get onNotice(): (event: EngineEvent) => void {
    return this.#connection.onNotice;
  }

  set onNotice(take: (event: EngineEvent) => void) {
    this.#connection.onNotice = take;
  }

  get onLost(): (error: Error) => void {
    return this.#connection.onLost;
  }

  set onLost(take: (error: Error) => void) {
    this.#connection.onLost = take;
  }

  async call<K extends keyof EngineApi>(
    name: K,
    ...values: Parameters<EngineApi[K]>
  ): Promise<ReturnType<EngineApi[K]>> {
    if (name === "close") this.#isClosed = true;
    return await this.#connection.call(name, ...values);
  }

  giveUp(): void {
    if (!this.#isGivenBack) this.#connection.giveUp();
  }

  ref(isNeeded: boolean): void {
    if (!this.#isGivenBack) this.#connection.ref(isNeeded);
  }

  openInput(): EngineInput {
    return this.#connection.openInput();
  }

  interrupt(): void {
    this.#connection.interrupt();
  }

  /** The host lets the programs go when the script's process has ended. */
  leaveNow(): void {}

  dispose(): void {
    if (this.#isGivenBack) return;
    this.#isGivenBack = true;
    this.#connection.onNotice = () => {};
    this.#connection.onLost = () => {};
    // The host lets go what is still there. The next session's calls come after this one.
    if (!this.#isClosed) this.#connection.call("close").catch(() => {}); // the next call tells that it is lost
    this.#connection.ref(false);
    this.#giveBack();
  }
}
