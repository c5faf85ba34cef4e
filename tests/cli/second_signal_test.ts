/** The second Ctrl-C: whatever a command waits for, it ends at once. Its host is a program that says nothing and does not end. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const LATCH = fileURLToPath(new URL("../../lib/cli/latch.ts", import.meta.url));
const FAKE = fileURLToPath(new URL("schedule_fake.ts", import.meta.url));

/** How long a process may take to be gone once it was told for the second time, in milliseconds. */
const AT_ONCE = 1_000;

/** Writes into the folder what a command needs; a file named `up` says that it has come so far. */
async function withFolder(action: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "latch-" });
  try {
    await Deno.writeTextFile(join(folder, "host"), `#!/bin/sh\necho $$ > "${join(folder, "up")}"\nexec sleep 30\n`, {
      mode: 0o755,
    });
    const holds = `import { attach } from "@latch/latch"; await attach("app.exe");`;
    await Deno.writeTextFile(join(folder, "holds.ts"), holds);
    await Deno.writeTextFile(join(folder, "prints.ts"), `for (;;) console.log("x".repeat(1_000));`);
    const job = { name: "hang", cron: "* * * * *", script: FAKE, args: ["hang", join(folder, "up")] };
    await Deno.writeTextFile(join(folder, "one.json"), JSON.stringify({ jobs: [job] }));
    const many = Array.from({ length: 1_000 }, (_, index) => ({ ...job, name: `${"j".repeat(50)}${index}` }));
    await Deno.writeTextFile(join(folder, "many.json"), JSON.stringify({ jobs: many }));
    await action(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface Told {
  readonly status: Deno.CommandStatus;
  /** From the second signal on, in milliseconds. */
  readonly took: number;
}

/** Starts a command, tells it twice to end once it has come so far, and waits for its end. */
async function tellTwice(
  folder: string,
  args: readonly string[],
  signal: Deno.Signal,
  isUp: () => Promise<boolean>,
): Promise<Told> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", LATCH, ...args],
    cwd: folder,
    env: { LATCH_HOST: join(folder, "host"), XDG_STATE_HOME: folder, NO_COLOR: "1" },
    ...{ stdin: "null", stdout: "piped", stderr: "null" } as const,
  }).spawn();
  try {
    for (const end = performance.now() + 20_000; !await isUp();) {
      assert.ok(performance.now() < end, "it did not come so far");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    child.kill(signal);
    await new Promise((resolve) => setTimeout(resolve, 100)); // two at once are one
    const begin = performance.now();
    child.kill(signal);
    const late = setTimeout(() => child.kill("SIGKILL"), 5 * AT_ONCE); // so that it is told, by the time that it took
    const status = await child.status;
    clearTimeout(late);
    return { status, took: performance.now() - begin };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // it ended at the first one
    return { status: await child.status, took: 0 };
  } finally {
    try {
      child.kill("SIGKILL");
    } catch { /* it has ended */ }
    await child.stdout.cancel();
    const pid = Number(await Deno.readTextFile(join(folder, "up")).catch(() => ""));
    if (pid > 0) endAnyway(pid); // 0, of a file that is not written yet, would be this process's whole group
  }
}

function endAnyway(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch { /* it has ended */ }
}

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  ps: ["ps"],
  attach: ["attach", "7"],
  launch: ["launch", "--", "a.exe"],
  serve: ["serve", "tcp:port=1"],
  "dump write": ["dump", "write", "7", "a.dmp"],
  run: ["run", "--no-prompt", "--allow-attach", "holds.ts"],
};

for (const [name, args] of Object.entries(COMMANDS)) {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.test(
      { name: `a second ${signal} ends latch ${name} at once`, ignore: Deno.build.os !== "linux" },
      async () => {
        await withFolder(async (folder) => {
          const isUp = (): Promise<boolean> =>
            Deno.readTextFile(join(folder, "up")).then((text) => text !== "", () => false);
          const { status, took } = await tellTwice(folder, args, signal, isUp);
          assert.equal(status.code, 130);
          assert.ok(took < AT_ONCE, `${took} ms`);
        });
      },
    );
  }
}

/** Commands whose output nobody takes, and a word of the process that stands in front of the full pipe. */
const WRITERS: readonly (readonly [args: readonly string[], word: string])[] = [
  [["schedule", "check", "many.json"], "many.json"],
  [["run", "--no-prompt", "prints.ts"], "--preload="],
];

for (const [args, word] of WRITERS) {
  const name = `a second SIGINT ends latch ${args.join(" ")}, whose output nobody takes`;
  Deno.test({ name, ignore: Deno.build.os !== "linux" }, async () => {
    await withFolder(async (folder) => {
      const isUp = (): Promise<boolean> => Promise.resolve(processesIn(folder, word).some(isWriting));
      const { status, took } = await tellTwice(folder, args, "SIGINT", isUp);
      assert.ok(status.code === 130 || status.signal === "SIGKILL", JSON.stringify(status));
      assert.ok(took < AT_ONCE, `${took} ms`);
    });
  });
}

/** Whether a process stands in a write. */
function isWriting(pid: string): boolean {
  return Deno.readTextFileSync(`/proc/${pid}/syscall`).startsWith("1 ");
}

/** The processes that have the folder for their own, and the word on their command line. */
function processesIn(folder: string, word: string): string[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => name).filter((name) => {
    try {
      if (!/^\d+$/.test(name) || Deno.readLinkSync(`/proc/${name}/cwd`) !== folder) return false;
      return Deno.readTextFileSync(`/proc/${name}/cmdline`).includes(word);
    } catch {
      return false; // another's, or it has ended
    }
  });
}
