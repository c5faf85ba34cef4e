/** A connection that can go dead as that to a machine without power does: a relay in a thread of its own. */

/** Stands between a client and a server of this machine. Disposal ends its thread. */
export interface Relay extends Disposable {
  /** The port that a client connects to. */
  readonly port: number;
  /** Passes nothing on for some milliseconds. */
  hold(milliseconds: number): Promise<void>;
  /** Resolves when something came that is held back: from now on somebody waits in vain. */
  waits(): Promise<void>;
  /** Passes nothing on any more, and says nothing of it. New connections are refused. */
  die(): Promise<void>;
}

/** Starts a relay to a port of this machine. */
export async function relay(target: number): Promise<Relay> {
  const worker = new Worker(new URL("relay_worker.ts", import.meta.url), { type: "module" });
  const ask = async (request: string, value: number): Promise<number> => {
    const { promise, resolve } = Promise.withResolvers<number>();
    worker.onmessage = ({ data }) => resolve(data);
    worker.postMessage({ request, value });
    return await promise;
  };
  return {
    port: await ask("start", target),
    hold: async (milliseconds) => void await ask("hold", milliseconds),
    waits: async () => void await ask("waits", 0),
    die: async () => void await ask("die", 0),
    [Symbol.dispose]: () => worker.terminate(),
  };
}
