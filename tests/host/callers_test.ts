/** Errors of the library's outermost calls name the line of the user's script, in their stacks and where nobody catches them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { attach, connect, DebugSession, launch } from "../../mod.ts";
import { Bench } from "./latch_support.ts";
import { prepareNative } from "./native_support.ts";

const { debuggee } = await prepareNative();

const FILE = new URL(import.meta.url).pathname;

/** The first frame of an error: the function and the file that it leads to. */
function firstFrame(error: unknown): string {
  assert.ok(error instanceof Error);
  return /^ {4}at (.*?):\d+:\d+\)?$/m.exec(error.stack ?? "")?.[1] ?? "";
}

/** Processes that this one has started, by any of its threads. */
function children(): number[] {
  const threads = [...Deno.readDirSync("/proc/self/task")].map(({ name }) => name);
  const lists = threads.map((thread) => Deno.readTextFileSync(`/proc/self/task/${thread}/children`));
  return lists.flatMap((list) => list.split(" ")).map(Number).filter((id) => id > 0);
}

/** Ways that fail, in a function of the user's own. */
const FAILURES: Readonly<Record<string, (session: DebugSession) => Promise<unknown>>> = {
  "launch": () => launch(["not-there.exe"]),
  "attach by an id": () => attach(4_000_000),
  "attach by a name": () => attach("not-there.exe"),
  "attach to what is no process": () => attach(-1),
  "connect": () => connect("tcp:server=127.0.0.1,port=1"),
  "a session's launch": (session) => session.launch(["not-there.exe"]),
  "a session's attach": (session) => session.attach("not-there.exe"),
  "a session's connect": (session) => session.connect("tcp:server=127.0.0.1,port=1"),
  "wait": (session) => session.wait(),
  "next": (session) => session.next("exception"),
  "run": (session) => session.run(),
};

for (const [what, fail] of Object.entries(FAILURES)) {
  Deno.test(`the stack of an error of ${what} begins with the line that called`, async () => {
    await using session = new DebugSession();
    const usersOwn = async (): Promise<void> => void await fail(session);
    const error = await usersOwn().then(() => undefined, (error: unknown) => error);
    assert.equal(firstFrame(error), `async usersOwn (file://${FILE}`);
    const header = (error as Error).stack?.slice(0, (error as Error).stack?.indexOf("\n"));
    assert.equal(header, `${(error as Error).name}: ${(error as Error).message}`);
  });
}

Deno.test("an error of an argument keeps its way through the library, for a fault there looks the same", async () => {
  const error = await attach(-1).then(() => undefined, (error: unknown) => error as Error);
  assert.match(error?.stack ?? "", /callers_test\.ts[^]*at requireTarget/);
  assert.equal(error?.stack?.match(/at requireTarget/g)?.length, 1);
});

Deno.test("the error of a call that nobody awaits yet leads to the call", async () => {
  const pending = launch(["not-there.exe"]);
  const told = Promise.withResolvers<unknown>();
  pending.then(told.resolve, told.resolve);
  assert.match(firstFrame(await told.promise), /callers_test\.ts$/);
});

Deno.test("the loss of the host while a script waits leads to the wait", async () => {
  await using session = new DebugSession();
  await session.launch([debuggee("heartbeat.exe")]);
  const hosts = children();
  const usersOwn = async (): Promise<void> => void await session.wait();
  const waiting = usersOwn().then(() => undefined, (error: unknown) => error);
  assert.ok(hosts.length > 0);
  for (const host of hosts) Deno.kill(host, "SIGKILL");
  const error = await waiting;
  assert.equal(error instanceof Error && error.name, "EngineError");
  assert.equal(firstFrame(error), `async usersOwn (file://${FILE}`);
});

Deno.test("what nobody catches is told with the line that called", async () => {
  await using bench = await Bench.make();
  const code = `import { launch } from "@latch/latch";
async function mine() {
  await launch(["not-there.exe"]);
}
await mine();`;
  await Deno.writeTextFile(join(bench.folder, "mine.ts"), code);
  const { err } = await bench.latch("run", "--no-prompt", "--allow-launch", "mine.ts");
  assert.match(err, /AttachError: Cannot launch .*\n {2}await launch\(\["not-there\.exe"\]\);\n/);
});
