import type { InspectorClient } from "./client.ts";
import type { Pause, RemoteObject } from "./protocol.ts";

/** What a pause means. `asked`: by `Debugger.pause`, or by something else that the runtime does not name. */
export type PauseCause =
  | { readonly kind: "exception"; readonly exception: RemoteObject }
  | { readonly kind: "start" | "instrumentation" | "breakpoint" | "step" | "asked" };

interface PossibleBreakpoints {
  readonly locations: readonly { readonly type?: string }[];
}

const BY_REASON: Readonly<Record<string, "start" | "instrumentation" | "step">> = {
  "Break on start": "start",
  "debugCommand": "start",
  "instrumentation": "instrumentation",
  "step": "step",
};

/** Why a program is paused. */
export async function causeOf(client: InspectorClient, pause: Pause): Promise<PauseCause> {
  const exception = exceptionOf(pause);
  if (exception) return { kind: "exception", exception };
  if (pause.hitBreakpoints?.some((id) => !id.endsWith(":beforeScriptExecution"))) return { kind: "breakpoint" };
  const kind = BY_REASON[pause.reason];
  if (kind) return { kind };
  return { kind: await isAtDebuggerStatement(client, pause) ? "breakpoint" : "asked" };
}

/** Whether a program is paused before its first statement. */
export function isStart({ reason, data }: Pause): boolean {
  if (reason !== "ambiguous") return BY_REASON[reason] === "start";
  const reasons = (data?.["reasons"] ?? []) as readonly { reason: string }[];
  return reasons.some((one) => BY_REASON[one.reason] === "start");
}

function exceptionOf({ reason, data }: Pause): RemoteObject | undefined {
  if (reason === "exception" || reason === "promiseRejection") return data as unknown as RemoteObject;
  if (reason !== "ambiguous") return undefined;
  const reasons = (data?.["reasons"] ?? []) as readonly { reason: string; auxData?: RemoteObject }[];
  return reasons.find((one) => one.reason === "exception" || one.reason === "promiseRejection")?.auxData;
}

async function isAtDebuggerStatement(client: InspectorClient, { callFrames }: Pause): Promise<boolean> {
  const start = callFrames[0]?.location;
  if (!start) return false;
  const end = { ...start, columnNumber: (start.columnNumber ?? 0) + 1 };
  try {
    const { locations } = await client.call<PossibleBreakpoints>("Debugger.getPossibleBreakpoints", { start, end });
    return locations.some(({ type }) => type === "debuggerStatement");
  } catch {
    return false;
  }
}
