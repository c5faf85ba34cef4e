import { UsageError } from "./exit_codes.ts";

/** What `--input` names, opened: a file of this machine's, or this process's standard input. @throws {UsageError} for what cannot be read. */
export async function openInput(name: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  if (name === "-") return Deno.stdin.readable;
  try {
    const file = await Deno.open(name);
    if ((await file.stat()).isDirectory) throw new Deno.errors.IsADirectory();
    return file.readable;
  } catch (error) {
    throw new UsageError(`cannot read the input ${name}: ${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.IsADirectory) return "it is a folder";
  if (error instanceof Deno.errors.PermissionDenied) return "the system denies access";
  return error instanceof Error ? error.message : String(error);
}
