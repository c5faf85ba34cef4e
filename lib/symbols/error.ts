/** Why a symbol server gave no file. */
export type SymbolErrorKind = "unreachable" | "server" | "not-supported";

/** A symbol server does not give a file. The message is one line and ends with what to do next. */
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
