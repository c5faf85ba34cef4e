/**
 * Where the header and the C compiler come from.
 *
 * @module
 */

import { join } from "node:path";
import { type Host, prepareHost } from "../host.ts";
import type { Compile } from "./object_values.ts";

/** What the generator and its proof need of the machine. */
export interface Toolchain {
  /** The text of the pinned dbgeng.h. */
  readonly header: string;
  readonly compile: Compile;
}

/** Prepares the pinned header and the compiler; the first time it fetches them. */
export async function prepareToolchain(): Promise<Toolchain> {
  const host = await prepareHost(["compiler"]);
  return {
    header: await Deno.readTextFile(join(host.header, "dbgeng.h")),
    compile: (source, args): Promise<Uint8Array> => runClang(host, source, args),
  };
}

async function runClang(
  host: Host,
  source: string,
  args: readonly string[],
): Promise<Uint8Array> {
  // Before the system's folders: mingw has an older dbgeng.h of its own.
  const child = host.tool("clang", ["-I", host.header, ...args], {
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [output, sent] = await Promise.all([child.output(), send(child.stdin, source)]);
  if (!output.success) {
    const errors = new TextDecoder().decode(output.stderr);
    throw new Error(`Cannot compile: ${errors}`, { cause: sent });
  }
  return output.stdout;
}

/** Gives what went wrong back: clang's own words about it say more. */
async function send(stdin: WritableStream<Uint8Array>, source: string): Promise<unknown> {
  try {
    await ReadableStream.from([new TextEncoder().encode(source)]).pipeTo(stdin);
    return undefined;
  } catch (error) {
    return error;
  }
}
