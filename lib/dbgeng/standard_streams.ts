import { encodeWide } from "../com/memory.ts";

const kernelSymbols = {
  GetStdHandle: { parameters: ["u32"], result: "usize" },
  SetStdHandle: { parameters: ["u32", "usize"], result: "i32" },
  SetHandleInformation: { parameters: ["usize", "u32", "u32"], result: "i32" },
  CreateFileW: { parameters: ["buffer", "u32", "u32", "buffer", "u32", "u32", "usize"], result: "usize" },
  WriteFile: { parameters: ["usize", "buffer", "u32", "buffer", "usize"], result: "i32", nonblocking: true },
} as const satisfies Deno.ForeignLibraryInterface;

const STD_INPUT_HANDLE = 0xffff_fff6;
const STD_OUTPUT_HANDLE = 0xffff_fff5;
const STD_ERROR_HANDLE = 0xffff_fff4;

const HANDLE_FLAG_INHERIT = 1;
const GENERIC_READ = 0x80000000;
const FILE_SHARE_READ_WRITE = 3;
const OPEN_EXISTING = 3;

/** SECURITY_ATTRIBUTES of a handle that programs inherit. */
const INHERITED = BigUint64Array.of(24n, 0n, 1n);

/**
 * Keeps this process's standard input and output from the programs that are launched: their input is empty, and what they print
 * goes to this process's standard error. A host speaks to its client over them: a program would take the client's messages away,
 * and could forge the host's. Gives the output; the input Deno has open already. Windows alone.
 */
export function keepStandardStreams(): WritableStream<Uint8Array<ArrayBuffer>> {
  const { symbols } = Deno.dlopen("kernel32.dll", kernelSymbols);
  const input = symbols.GetStdHandle(STD_INPUT_HANDLE);
  const output = symbols.GetStdHandle(STD_OUTPUT_HANDLE);
  for (const handle of [input, output]) symbols.SetHandleInformation(handle, HANDLE_FLAG_INHERIT, 0);
  const name = encodeWide("NUL");
  const empty = symbols.CreateFileW(name, GENERIC_READ, FILE_SHARE_READ_WRITE, INHERITED, OPEN_EXISTING, 0, 0n);
  symbols.SetStdHandle(STD_INPUT_HANDLE, empty);
  // Deno asks for the handle at every write: from now on its own output goes there too.
  symbols.SetStdHandle(STD_OUTPUT_HANDLE, symbols.GetStdHandle(STD_ERROR_HANDLE));
  return new WritableStream({
    async write(bytes): Promise<void> {
      const written = new Uint32Array(1);
      for (let rest = bytes; rest.length > 0; rest = rest.subarray(written[0])) {
        if (await symbols.WriteFile(output, rest, rest.length, written, 0n) === 0) {
          throw new Error("the client has gone");
        }
      }
    },
  });
}
