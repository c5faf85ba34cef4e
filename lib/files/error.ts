/** Why a file could not be used. */
export type FileErrorKind = "not-found" | "unreadable" | "not-supported" | "storage";

/** A file is not there, is not what it is taken for, or cannot be kept. The message is one line and ends with what to do next. */
export class FileError extends Error {
  /** The name of the class. */
  override readonly name = "FileError";
  /** Why, for programs. */
  readonly kind: FileErrorKind;

  /** Not for users: what reads and writes files makes it. */
  constructor(kind: FileErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** What a system's failure to open, read or write a file becomes; anything else stays as it is. */
export function fileFailure(action: string, path: string, error: unknown): unknown {
  if (error instanceof Deno.errors.NotFound) {
    return new FileError("not-found", `Cannot ${action} ${path}: there is no such file; look at the path`, {
      cause: error,
    });
  }
  if (error instanceof Deno.errors.NotCapable || !(error instanceof Error) || !isOfSystem(error)) return error;
  const text = error.message.replace(/^\w+: /, "").split("\n")[0] ?? "";
  return new FileError("storage", `Cannot ${action} ${path}: ${text}; look at its permissions and at the disk`, {
    cause: error,
  });
}

function isOfSystem(error: Error): boolean {
  return error.name in Deno.errors || ("code" in error && typeof error.code === "string");
}
