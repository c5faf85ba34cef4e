/** Wine's own background programs: every user of the prefix shares them, whoever came first and started them. */
const SHARED = /wineserver|\\(services|winedevice|plugplay|svchost|rpcss|explorer|wineboot|conhost)\.exe/i;

/** Variable that marks what a test file starts. Wine's programs have init as parent: only what they inherit tells whose they are. */
export const MARK = "LATCH_TEST_RUN";

/** Ends a test runner and all that was started in it. Gives the command lines of the programs that it had left behind. */
export async function endMarked(runner: Deno.ChildProcess, mark: string): Promise<string[]> {
  if (Deno.build.os === "windows") {
    await new Deno.Command("taskkill", { args: ["/f", "/t", "/pid", `${runner.pid}`] }).output();
    return [];
  }
  const ended = new Map<number, string>();
  // Again while there are new ones: a program can start another before its own end comes.
  for (let found = marked(mark); found.some(({ pid }) => !ended.has(pid)); found = marked(mark)) {
    for (const { pid, commandLine } of found) {
      ended.set(pid, commandLine);
      try {
        Deno.kill(pid, "SIGKILL");
      } catch {
        // It ended by itself meanwhile.
      }
    }
  }
  ended.delete(runner.pid);
  return [...ended.values()];
}

/** How long programs may take to end by themselves after their test runner, in milliseconds. */
const GRACE_MS = 3_000;

/** As `endMarked`, after a runner that has ended: what was about to end as well is not left behind. */
export async function endLeft(runner: Deno.ChildProcess, mark: string): Promise<string[]> {
  for (const end = performance.now() + GRACE_MS; performance.now() < end && marked(mark).length > 0;) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return await endMarked(runner, mark);
}

function marked(mark: string): { pid: number; commandLine: string }[] {
  return processes().flatMap((pid) => {
    try {
      const commandLine = Deno.readTextFileSync(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
      return hasMark(pid, mark) && !SHARED.test(commandLine) ? [{ pid, commandLine }] : [];
    } catch {
      return []; // It is gone, or another user's.
    }
  });
}

/** Process ids of a program and of all that it has started, by their marks or by their parents: who clears the environment has no mark. */
export function processesOf(root: number, mark: string): number[] {
  const parents = new Map(processes().map((pid) => [pid, parentOf(pid)]));
  const found = new Set([root, ...marked(mark).map(({ pid }) => pid)]);
  for (let before = 0; before !== found.size;) {
    before = found.size;
    for (const [pid, parent] of parents) if (parent !== undefined && found.has(parent)) found.add(pid);
  }
  return [...found];
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(/^PPid:\s*(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1]);
  } catch {
    return undefined; // it is gone
  }
}

function hasMark(pid: number, mark: string): boolean {
  return Deno.readTextFileSync(`/proc/${pid}/environ`).split("\0").includes(`${MARK}=${mark}`);
}

function processes(): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter(Number.isInteger);
}

/** Process ids of the servers of a Wine prefix: one, or none. */
export function serversOf(prefix: string): number[] {
  if (Deno.build.os !== "linux") return [];
  return processes().filter((pid) => {
    try {
      return Deno.readTextFileSync(`/proc/${pid}/cmdline`).includes("wineserver") &&
        Deno.readTextFileSync(`/proc/${pid}/environ`).split("\0").includes(`WINEPREFIX=${prefix}`);
    } catch {
      return false; // It is gone, or another user's.
    }
  });
}

/**
 * Keeps the server of a Wine prefix to the processor of the programs that it serves, or gives it the same freedom: every message between
 * two of them goes through it. With a server elsewhere, programs on one processor are slower than programs on any.
 */
export async function pinServer(prefix: string, list: readonly number[]): Promise<void> {
  for (const pid of serversOf(prefix)) {
    const args = ["--all-tasks", "--cpu-list", "--pid", list.join(","), `${pid}`];
    await new Deno.Command("taskset", { args, stdout: "null", stderr: "null" }).output();
  }
}
