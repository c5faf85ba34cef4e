import { EngineError } from "../session/errors.ts";

/**
 * Refuses at once, and in one line, where no engine can work: on another system, or without the permission. Where Deno can
 * ask the user, it does.
 * @throws {EngineError} kind `platform` or `permission`.
 */
export function requireEngine(): void {
  if (Deno.build.os !== "windows") {
    throw new EngineError(
      "platform",
      `Cannot open the debugger engine on ${Deno.build.os}: run the script on Windows or Linux, or give the option "host"`,
    );
  }
  const { state } = Deno.permissions.requestSync({ name: "ffi" });
  if (state !== "granted") {
    throw new EngineError(
      "permission",
      "Cannot open the debugger engine: it requires ffi access to all libraries, run again with --allow-ffi",
    );
  }
}
