/** An engine in memory behind the guard. */
import type { EngineApi, EngineStop } from "../../lib/dbgeng/engine_api.ts";
import type { ModuleInfo } from "../../lib/session/engine.ts";
import { GuardedConnection } from "../../lib/script/guard.ts";
import { Permissions, type Prompter } from "../../lib/script/permissions.ts";
import { parseRights } from "../../lib/script/rights.ts";
import { type Answer, FakeConnection } from "../remote/channel_support.ts";

/** The processes of the machine. */
export const PROCESSES: readonly { readonly processId: number; readonly name: string; readonly description: string }[] =
  [
    { processId: 7, name: "app.exe", description: "" },
    { processId: 8, name: "lsass.exe", description: "" },
    { processId: 9, name: "App2.exe", description: "" },
  ];

/** How a fake engine answers: processes, servers, and the stops of its runs in turn. */
export function engine(
  stops: readonly (EngineStop | Error)[] = [],
  answers: Readonly<Record<string, Answer>> = {},
): FakeConnection {
  const rest = [...stops];
  return new FakeConnection({
    processes: () => PROCESSES,
    connectServer: () => 0x1234n,
    read: () => new Uint8Array(2),
    run: () => {
      const next = rest.shift() ?? { kind: "ended" };
      if (next instanceof Error) throw next;
      return next;
    },
    ...answers,
  });
}

/** Calls as a hostile client makes them: any name, any values. */
export type AnyCall = (name: string, ...values: readonly unknown[]) => Promise<unknown>;

/** A guard with rights before an engine. */
export function guard(fake: FakeConnection, rights: readonly string[], prompter?: Prompter): {
  guarded: GuardedConnection;
  call: AnyCall;
} {
  const guarded = new GuardedConnection(fake, new Permissions(parseRights(rights), prompter), { protectedIds: [99] });
  return { guarded, call: (name, ...values) => guarded.call(name as keyof EngineApi, ...values as never) };
}

/** A module of an image's path. */
export function image(imageName: string): ModuleInfo {
  return { name: "x", imageName, base: 1n, size: 2, checksum: 3, timestamp: 4 };
}

/** A first-chance exception of process 7. */
export const exception: EngineStop = {
  kind: "event",
  event: {
    ...{ type: "exception", processId: 7, threadId: 1, code: 0xc0000005, name: "STATUS_ACCESS_VIOLATION" },
    ...{ firstChance: true, address: 1n, flags: 0, parameters: [] },
  } as never,
};

/** The stop at a process that comes up. */
export function created(processId: number, name: string, more: { parentId?: number; letGo?: true } = {}): EngineStop {
  const event = {
    type: "createProcess",
    processId,
    threadId: 1,
    module: image(name),
    startAddress: 1n,
    ...more,
  } as const;
  return { kind: "event", event };
}

/** The request of an attach. */
export const attach = (processId: number, server = 0n): Record<string, unknown> => ({ server, processId });

/** The request of a launch. */
export const launch = (commandLine: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  ...{ server: 0n, commandLine, directory: null, environment: [], clearEnvironment: false, children: [] },
  ...more,
});

/** A guard that has attached to process 7, an app.exe. */
export async function attached(
  rights: readonly string[],
  stops: readonly EngineStop[] = [],
): Promise<{ call: AnyCall; fake: FakeConnection; guarded: GuardedConnection }> {
  const fake = engine([created(7, "C:\\x\\app.exe"), ...stops]);
  const { call, guarded } = guard(fake, ["--allow-attach=app.exe", ...rights]);
  await call("attach", attach(7));
  await call("run", "go");
  fake.log.length = 0;
  return { call, fake, guarded };
}
