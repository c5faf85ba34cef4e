/**
 * The typed interfaces at the compiler: `deno check`, a gate of `deno task ok`, fails where an error that is expected below
 * does not come up, and where one comes up that is not.
 */
import type { Com, IDebugClient5, IDebugControl4, IDebugSymbols3 } from "../../lib/dbgeng/mod.ts";
import type { AttachOptions, DebugSession } from "../../mod.ts";

type Expect<T extends true> = T;
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;

/** Never called: the compiler is the test. */
export function calls(client: Com<IDebugClient5>, control: Com<IDebugControl4>, symbols: Com<IDebugSymbols3>): void {
  client.AttachProcess(0n, 4242, 0);
  // @ts-expect-error a handle has 64 bits
  client.AttachProcess(0, 4242, 0);
  // @ts-expect-error a process id is a number
  client.AttachProcess(0n, "4242", 0);
  // @ts-expect-error an argument is missing
  client.AttachProcess(0n, 4242);
  // @ts-expect-error there is no such method
  client.AttachProgram(0n, 4242, 0);
  // @ts-expect-error a callback object, not its address
  client.SetOutputCallbacksWide(0n);
  control.ExecuteWide(0, "k", 0);
  // @ts-expect-error text, not a number
  control.ExecuteWide(0, 1, 0);
  type Name = ReturnType<typeof symbols.GetNameByOffsetWide>;
  type _Several = Expect<Equal<Name, { readonly NameSize: number; readonly Displacement: bigint }>>;
  type _One = Expect<Equal<ReturnType<typeof control.GetExecutionStatus>, number>>;
}

/** Never called: the compiler is the test. */
export function sessions(session: DebugSession): void {
  session.on("loadModule", ({ module }) => void module.base.toString(16));
  // @ts-expect-error there is no such event
  session.on("loadModul", () => {});
  // @ts-expect-error no execution status
  session.on("exception", () => "stop");
  // @ts-expect-error data of another event
  session.on("exitThread", ({ module }) => void module);
  // @ts-expect-error two values only
  const _options: AttachOptions = { noninvasive: "sometimes" };
}

Deno.test("the types of the engine and of sessions were checked", async () => {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", import.meta.filename ?? ""],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
});
