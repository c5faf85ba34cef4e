import type { ByteChannel } from "./channel.ts";

/** Windows' numbers of the standard handles. */
const INPUT = 0xfffffff6;
const OUTPUT = 0xfffffff5;
const ERROR = 0xfffffff4;

const GENERIC_READ = 0x80000000;
const FILE_SHARE_READ_WRITE = 3;
const OPEN_EXISTING = 3;

/**
 * Takes this process's standard input and output for itself: programs that it launches from now on read from nowhere and print to
 * its standard error. Otherwise a program could swallow the client's messages, or forge the host's. Requires `--allow-ffi`; for Windows.
 */
export function ownStreams(): ByteChannel {
  const { symbols } = Deno.dlopen("kernel32.dll", {
    GetStdHandle: { parameters: ["u32"], result: "usize" },
    SetStdHandle: { parameters: ["u32", "usize"], result: "i32" },
    CreateFileW: { parameters: ["buffer", "u32", "u32", "usize", "u32", "u32", "usize"], result: "usize" },
    WriteFile: { parameters: ["usize", "buffer", "u32", "buffer", "usize"], result: "i32", nonblocking: true },
  });
  const output = symbols.GetStdHandle(OUTPUT);
  // Deno holds its input from the start, but asks Windows for its output at every write.
  const name = new Uint16Array([..."NUL\0"].map((letter) => letter.charCodeAt(0)));
  symbols.SetStdHandle(
    INPUT,
    symbols.CreateFileW(name, GENERIC_READ, FILE_SHARE_READ_WRITE, 0n, OPEN_EXISTING, 0, 0n),
  );
  symbols.SetStdHandle(OUTPUT, symbols.GetStdHandle(ERROR));
  const writable = new WritableStream<Uint8Array<ArrayBuffer>>({
    async write(bytes): Promise<void> {
      const written = new Uint32Array(1);
      for (let rest = bytes; rest.length > 0; rest = rest.subarray(written[0])) {
        if (!await symbols.WriteFile(output, rest, rest.length, written, 0n)) throw new Error("the client has gone");
      }
    },
  });
  return { readable: Deno.stdin.readable, writable };
}
