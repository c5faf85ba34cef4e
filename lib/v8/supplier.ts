import type { Port, PortHost, PortSupplier } from "../session/contract.ts";
import { ANSWERS } from "../session/port.ts";
import { InspectorClient, unreachable } from "./client.ts";
import { listTargets } from "./discovery.ts";
import { AddressPort, LocalInspectorPort } from "./port.ts";

/** `host:port`, with or without `http://`. */
const LIST = /^(?:http:\/\/)?((?:\[[0-9a-f:]+\]|[a-z0-9.-]+):\d{1,5})\/?$/i;

/** The address of one target. */
const TARGET = /^wss?:\/\/./i;

/** Ports for programs with an inspector: `v8` for this machine's, or `host:port`, `http://host:port`, `ws://…`. */
export class InspectorPortSupplier implements PortSupplier {
  readonly id = "v8";

  /** Whether a text is such an address. */
  accepts(address: string): boolean {
    return address === "v8" || LIST.test(address) || TARGET.test(address);
  }

  /** Makes sure that somebody answers at the address. */
  async addPort(address: string, host: PortHost, signal?: AbortSignal, timeout = ANSWERS): Promise<Port> {
    signal?.throwIfAborted();
    if (address === "v8") return new LocalInspectorPort(address, host);
    const controller = new AbortController();
    const timer = setTimeout(
      () => controller.abort(unreachable(address, `no answer came within ${timeout} ms`)),
      timeout,
    );
    try {
      return await this.#connect(address, host, AbortSignal.any([controller.signal, ...(signal ? [signal] : [])]));
    } finally {
      clearTimeout(timer);
    }
  }

  async #connect(address: string, host: PortHost, signal: AbortSignal): Promise<Port> {
    const list = LIST.exec(address)?.[1];
    if (list !== undefined) {
      await listTargets(list, signal);
      return new AddressPort(list, host);
    }
    if (!TARGET.test(address)) throw new TypeError(`Cannot connect to ${address}: it is no address of an inspector`);
    await (await InspectorClient.open(address, signal)).close();
    return new AddressPort(address, host, address);
  }
}
