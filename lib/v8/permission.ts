import { EngineError } from "../session/errors.ts";

/** The error for a missing permission, or nothing if an error has another reason. */
export function permissionError(error: unknown, what: string, flag: string): EngineError | undefined {
  if (!(error instanceof Deno.errors.NotCapable)) return undefined;
  return new EngineError("permission", `${what}: Deno has no permission for it; run with ${flag}`);
}
