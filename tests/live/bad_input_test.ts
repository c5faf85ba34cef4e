/** What cannot be opened is told in one line that says what to do; nothing is left behind, and the session goes on. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  AttachError,
  type AttachErrorKind,
  type AttachOptions,
  DebugSession,
  type EventName,
  StateError,
} from "../../mod.ts";
import { some } from "../count.ts";
import { startClosed } from "./acts_support.ts";
import { isWine } from "../../lib/dbgeng/thread/windows.ts";
import { debuggee, engineFolder, hostings, keepEngine, nativeClient, scratch, until } from "./support.ts";

keepEngine();

/** What a case works with: a program that runs, and an image of a name that no other test uses. */
interface Setting {
  readonly session: DebugSession;
  readonly folder: string;
  /** Path of the image. */
  readonly image: string;
  /** File name of the image. */
  readonly name: string;
}

interface Case {
  readonly title: string;
  readonly kind: AttachErrorKind;
  /** What the message must hold: the input, and what to do next. */
  readonly says: readonly RegExp[];
  act(setting: Setting): Promise<unknown>;
}

const CASES: readonly Case[] = [
  {
    title: "an unknown process id",
    kind: "no-such-process",
    says: [/process 999999:/, /list the processes/],
    act: ({ session }) => session.attach(999999),
  },
  {
    title: "the script's own process id",
    kind: "self",
    says: [new RegExp(`process ${Deno.pid}:`), /from another process/],
    act: ({ session }) => session.attach(Deno.pid),
  },
  {
    title: "the id of a process that has exited",
    kind: "no-such-process",
    says: [/list the processes/],
    act: async ({ session }) => {
      const child = new Deno.Command(debuggee("stubborn.exe"), { stdin: "null" }).spawn();
      await child.status;
      await session.attach(child.pid);
    },
  },
  {
    title: "a name that no process has",
    kind: "no-such-process",
    says: [/"no-such-image\.exe"/, /give its process id/],
    act: ({ session }) => session.attach("no-such-image.exe"),
  },
  {
    title: "a name that several processes have",
    kind: "ambiguous",
    says: [/several/, /\(\d+: .*\), .*\(\d+: /, /give a process id/],
    act: async ({ session, image, name, folder }) => {
      using first = beat(image, join(folder, "first"));
      using second = beat(image, join(folder, "second"));
      await session.attach(name).catch((error) => {
        for (const { pid } of [first, second]) assert.match(error.message, new RegExp(`${name} \\(${pid}: `));
        throw error;
      });
    },
  },
  {
    title: "a process that this session debugs already",
    kind: "already-attached",
    says: [/already/, /programs/],
    act: async ({ session, image, folder }) => {
      await using program = await session.launch([image, join(folder, "beats"), "10"]);
      await session.attach(program.pid);
    },
  },
  {
    title: "a process that another debugger debugs",
    kind: "already-attached",
    says: [/another debugger/, /end that one/],
    act: async ({ session, image, folder }) => {
      using debugger_ = nativeDebugger(image, folder);
      await session.attach(await debugger_.programOf(session));
    },
  },
  {
    title: "a process that Windows lets nobody open",
    kind: "access-denied",
    says: [/denied/, /run elevated/, /DENIED 0x[0-9A-F]{8}\]$/],
    act: async ({ session, image, folder }) => {
      await using closed = await startClosed([image, join(folder, "beats"), "10"]);
      await session.attach(closed.pid);
    },
  },
  {
    title: "an executable that is not there",
    kind: "not-found",
    says: [/nowhere\.exe/, /give the full path/],
    act: ({ session, folder }) => session.launch([join(folder, "nowhere.exe")]),
  },
  {
    title: "an executable in a folder that is not there",
    kind: "not-found",
    says: [/nowhere/, /give the full path/],
    act: ({ session, folder }) => session.launch([join(folder, "nowhere", "nowhere.exe")]),
  },
  {
    title: "a file that is no program",
    kind: "architecture",
    says: [/text\.exe/, /no program/, /give/],
    act: ({ session, folder }) => {
      Deno.writeTextFileSync(join(folder, "text.exe"), "no program");
      return session.launch([join(folder, "text.exe")]);
    },
  },
  {
    title: "a script of Linux",
    kind: "architecture",
    says: [/script\.sh/, /no program/, /give/],
    act: ({ session, folder }) => {
      Deno.writeTextFileSync(join(folder, "script.sh"), "#!/bin/sh\nsleep 60\n");
      return session.launch([join(folder, "script.sh")]);
    },
  },
  {
    title: "a program of Linux", // which Wine would start
    kind: isWine() ? "architecture" : "not-found",
    says: [/sleep/, /give/],
    act: ({ session }) => session.launch(["Z:\\bin\\sleep", "60"]),
  },
  {
    title: "a working folder that is not there",
    kind: "not-found",
    says: [/working folder/, /give/],
    act: ({ session, image, folder }) => session.launch([image], { directory: join(folder, "nowhere") }),
  },
  ...["nonsense", "tcp:", "", "tcp:server=127.0.0.1", "tcp:server=127.0.0.1,port=1"].map((text): Case => ({
    title: `the process server "${text}"`,
    kind: "server-unreachable",
    says: [new RegExp(`"${text}"`), /-premote takes|look at the address/],
    act: ({ session }) => session.connect(text),
  })),
  {
    title: "the process server of an unknown host",
    kind: "server-unreachable",
    says: [/"tcp:server=no-such-host\.invalid,port=5005"/, /host name/],
    act: ({ session }) => session.connect("tcp:server=no-such-host.invalid,port=5005"),
  },
  ...[
    { existing: true, noninvasive: true },
    { existing: true, initialBreak: false },
    { existing: true, resume: true },
    { noninvasive: true, initialBreak: false },
    { noninvasive: "noSuspend" as const, resume: true },
  ].map((options): Case => ({
    title: `the options ${JSON.stringify(options)} together`,
    kind: "invalid-flags",
    says: [/goes with/],
    act: ({ session }) => session.attach(999999, options as AttachOptions), // no compiler lets this pass
  })),
  {
    title: "taking up a program that no debugger has abandoned",
    kind: "not-supported",
    says: [/attach without "existing"/],
    act: async ({ session, image, folder }) => {
      using program = beat(image, join(folder, "beats"));
      await session.attach(program.pid, { existing: true });
    },
  },
];

/** The engine's thread judges in either hosting; to the script an error comes further from a worker. */
const casesOf = (hosting: string): readonly Case[] => hosting === "worker" ? CASES : some(CASES, 8);

for (const hosting of hostings) {
  for (const { title, kind, says, act } of casesOf(hosting)) {
    Deno.test(`a session (${hosting}) refuses ${title}`, async () => {
      await using setting = settingOf(hosting);
      await assert.rejects(act(setting), (error: unknown) => {
        assert.ok(error instanceof AttachError, String(error));
        assert.equal(error.kind, kind, error.message);
        assertOneLine(error.message);
        for (const part of says) assert.match(error.message, part);
        return true;
      });
      await assertUsable(setting);
    });
  }
}

/** Arguments of a wrong type: refused before anything is opened. */
const WRONG: readonly { readonly title: string; readonly says: RegExp; act(session: DebugSession): unknown }[] = [
  { title: "process id 0", says: /positive integer/, act: (session) => session.attach(0) },
  { title: "process id -1", says: /positive integer/, act: (session) => session.attach(-1) },
  { title: "process id 1.5", says: /positive integer/, act: (session) => session.attach(1.5) },
  { title: "process id NaN", says: /positive integer/, act: (session) => session.attach(NaN) },
  { title: "an empty command line", says: /empty/, act: (session) => session.launch("  ") },
  { title: "no arguments", says: /empty/, act: (session) => session.launch([]) },
  { title: "a zero in an argument", says: /zero character/, act: (session) => session.launch(["a\0b"]) },
  ...["", "A=B", "A\0B"].map((name) => ({
    title: `a variable named ${JSON.stringify(name)}`,
    says: /name of an environment variable/,
    act: (session: DebugSession) => session.launch(["a.exe"], { environment: { [name]: "x" } }),
  })),
  {
    title: "a handler of an event that there is not",
    says: /"loadModul": events are engineCreate, .*loadModule/,
    act: (session) => session.on("loadModul" as EventName, () => {}),
  },
  {
    title: "a handler among the options of an event that there is not",
    says: /"loadModul": events are engineCreate, .*loadModule/,
    act: (session) => session.launch([debuggee("args.exe")], { on: { ["loadModul" as EventName]: () => {} } }),
  },
];

for (const hosting of hostings) {
  Deno.test(`a session (${hosting}) refuses arguments that nothing can be done with`, async () => {
    await using setting = settingOf(hosting);
    for (const { title, says, act } of WRONG) {
      await assert.rejects(async () => await act(setting.session), (error: unknown) => {
        assert.ok(error instanceof TypeError, `${title}: ${error}`);
        assertOneLine(error.message);
        assert.match(error.message, says, title);
        return true;
      });
    }
    await assertUsable(setting);
  });
}

Deno.test("DebugSession refuses a handlerDeadline that is not above 0", () => {
  for (const handlerDeadline of [0, -1, NaN]) {
    assert.throws(() => new DebugSession({ handlerDeadline }), { name: "RangeError", message: /must be above 0/ });
  }
});

Deno.test("attach() and launch() leave no session behind when they fail", async () => {
  const { attach, launch, connect } = await import("../../mod.ts");
  const options = { engine: engineFolder() };
  await assert.rejects(attach(999999, options), { kind: "no-such-process" });
  await assert.rejects(launch(["no-such-image.exe"], options), { kind: "not-found" });
  await assert.rejects(connect("nonsense", options), { kind: "server-unreachable" });
  await using session = new DebugSession(options); // with a session behind it this would be "in-use"
  assert.equal((await session.engine()).folder, engineFolder());
});

function settingOf(hosting: "worker" | "inline"): Setting & AsyncDisposable {
  const folder = scratch();
  const name = `bad-input-${crypto.randomUUID().slice(0, 8)}.exe`;
  const image = join(folder.path, name);
  Deno.copyFileSync(debuggee("heartbeat.exe"), image);
  const session = new DebugSession({ hosting, engine: engineFolder() });
  const dispose = async (): Promise<void> => {
    await session[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  };
  return { session, folder: folder.path, image, name, [Symbol.asyncDispose]: dispose };
}

/** A program that runs until it is disposed of. */
function beat(image: string, file: string): { readonly pid: number } & Disposable {
  const child = new Deno.Command(image, { args: [file, "10"], stdin: "null" }).spawn();
  return { pid: child.pid, [Symbol.dispose]: () => child.kill("SIGKILL") };
}

/** The native client, debugging a program of this image. */
function nativeDebugger(
  image: string,
  folder: string,
): { programOf(session: DebugSession): Promise<number> } & Disposable {
  const args = ["events", join(folder, "events"), "--", image, join(folder, "beats"), "10"];
  const child = nativeClient(args, { stdin: "null" }).spawn();
  const beats = join(folder, "beats");
  return {
    async programOf(session): Promise<number> {
      await until(() => Deno.readTextFile(beats).then((text) => text !== "", () => false), "the program beats");
      const found = (await session.processes()).filter(({ name }) => image.endsWith(name) && name !== "");
      assert.equal(found.length, 1);
      return found[0]?.processId ?? 0;
    },
    [Symbol.dispose]: () => child.kill("SIGKILL"), // its program goes with it
  };
}

/** The session launches on, and no program of the image is left after that. */
async function assertUsable({ session, image, name, folder }: Setting): Promise<void> {
  assert.equal(session.programs.size, 0);
  const program = await session.launch([image, join(folder, "usable"), "1", "--seconds", "0.01"]);
  assert.deepEqual(await session.wait(), { reason: "ended" });
  assert.deepEqual(program.end, { reason: "exited", exitCode: 0 });
  await assert.rejects(session.wait(), (error) => error instanceof StateError && error.kind === "no-program");
  const left = (await session.processes()).filter((process) => process.name === name);
  assert.deepEqual(left, []);
}

function assertOneLine(message: string): void {
  assert.match(message, /^Cannot [^\r\n]+$/);
}
