import type { EngineConnection, Focus } from "../dbgeng/engine_api.ts";
import type { ReportRecord } from "../session/engine.ts";
import { recordFromError } from "../session/errors.ts";
import type { Permissions } from "./permissions.ts";
import { reportRequest } from "./requests.ts";

/** A report for a confined script: each part needs what the call of its own needs, and one that is refused is told as one that failed. */
export async function report(
  engine: EngineConnection,
  permissions: Permissions,
  focus: Focus,
  given: unknown,
): Promise<ReportRecord> {
  const request = reportRequest(given, "request");
  const refusal = request.registers ? await refusalOf(permissions) : undefined;
  if (!refusal) return await engine.call("report", focus, request);
  const { failed, ...parts } = await engine.call("report", focus, { ...request, registers: false });
  return { ...parts, failed: { ...failed, registers: recordFromError(refusal) } };
}

async function refusalOf(permissions: Permissions): Promise<unknown> {
  try {
    await permissions.require({ right: "control" });
  } catch (error) {
    return error;
  }
}
