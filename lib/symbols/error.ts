/** Why symbols could not be had. */
export type SymbolErrorKind = "not-found" | "unreadable" | "not-supported" | "unreachable" | "server" | "storage";

/** A file does not say which symbols it wants, a server does not give them, or they cannot be kept. The message is one line. */
export class SymbolError extends Error {
  /** The name of the class. */
  override readonly name = "SymbolError";
  /** Why, for programs. */
  readonly kind: SymbolErrorKind;

  /** Not for users: what fetches symbols makes it. */
  constructor(kind: SymbolErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** A file cannot be read, written or opened: says what to look at. */
export function fileFailure(action: string, path: string, error: unknown): unknown {
  if (error instanceof Deno.errors.NotFound) {
    return new SymbolError("not-found", `Cannot ${action} ${path}: there is no such file; look at the path`, {
      cause: error,
    });
  }
  if (error instanceof Deno.errors.NotCapable || !(error instanceof Error) || !isOfSystem(error)) return error;
  const text = error.message.replace(/^\w+: /, "").split("\n")[0] ?? "";
  return new SymbolError("storage", `Cannot ${action} ${path}: ${text}; look at its permissions and at the disk`, {
    cause: error,
  });
}

function isOfSystem(error: Error): boolean {
  return error.name in Deno.errors || ("code" in error && typeof error.code === "string");
}
