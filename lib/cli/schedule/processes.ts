/** Looks at processes from outside: whether one lives, which belong to a run, and how they are ended. */
import { hostname } from "node:os";
import process from "node:process";
import { pause } from "./clock.ts";

/** Variable that marks what a run starts: under Wine, parents tell nothing, and what is inherited does. */
export const MARK = "LATCH_SCHEDULE_RUN";

/** Wine's own background programs: every user of the prefix shares them, whoever came first and started them. */
const SHARED =
  /(^|[/\0])wineserver(32|64)?(\0|$)|\\(services|winedevice|plugplay|svchost|rpcss|explorer|wineboot|conhost)\.exe/i;

/** Whose processes these are: a number says nothing on another machine, or in another container. */
export function place(): string {
  try {
    return `${hostname()} ${Deno.readLinkSync("/proc/self/ns/pid")}`;
  } catch {
    return hostname();
  }
}

/** What tells a process from a later one with the same number; empty where the system does not say, undefined if there is none. */
export function birthOf(pid: number): string | undefined {
  if (!isAlive(pid)) return undefined;
  const boot = read("/proc/sys/kernel/random/boot_id").trim();
  const stat = statOf(pid);
  return boot && stat ? `${boot} ${stat.birth}` : "";
}

/** Whether there is a process with this number. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0) && statOf(pid)?.state !== "Z";
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** A run's processes: all that carry its mark, and the session of its first one, since confined scripts have no environment. */
export interface Tree {
  /** The run's own mark. */
  readonly mark: string;
  /** The first process, which leads the session; undefined if it never came so far. */
  readonly leader: number | undefined;
  /** A process that stays: the one that asks. */
  readonly except?: number;
}

/** Processes of a run that are there. Empty where the system has no /proc. */
export function remains({ mark, leader, except }: Tree): number[] {
  const line = `${MARK}=${mark}`;
  const isMarked = (pid: number): boolean => read(`/proc/${pid}/environ`).split("\0").includes(line);
  // Where another process has that number by now, its session is not the run's. Nobody may have fetched its end: a zombie keeps its number.
  const isOurs = (pid: number, stat = statOf(pid)): boolean => !stat || stat.state === "Z" || isMarked(pid);
  const session = leader !== undefined && isOurs(leader) ? leader : undefined;
  return processIds().filter((pid) => {
    if (pid === except) return false;
    const stat = statOf(pid);
    if (!stat || stat.state === "Z") return false;
    return (stat.session === session || isMarked(pid)) && !SHARED.test(read(`/proc/${pid}/cmdline`));
  });
}

/**
 * Ends what is left of a run. First it has time to go by itself: a Latch host whose client is gone lets its programs go, which
 * it could not do if it was killed.
 */
export async function endTree(tree: Tree, grace: number): Promise<number> {
  if (Deno.build.os === "windows") return await endWindowsTree(tree);
  for (const end = performance.now() + grace; !await isEmpty(tree) && performance.now() < end;) await pause(50);
  const ended = new Set<number>();
  const limit = performance.now() + 10_000;
  // Again while there are any: a program can start another before its own end comes.
  for (let left = remains(tree); left.length > 0 && performance.now() < limit; left = remains(tree)) {
    for (const pid of left) {
      ended.add(pid);
      kill(pid, "SIGKILL");
    }
    await pause(20);
  }
  return ended.size;
}

/** Whether nothing is left of a run, at two looks: a process that is just becoming another program shows no environment. */
async function isEmpty(tree: Tree): Promise<boolean> {
  if (remains(tree).length > 0) return false;
  await pause(20);
  return remains(tree).length === 0;
}

/** Sends a signal; a process that is gone is no error. */
export function kill(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch {
    // It ended by itself meanwhile.
  }
}

async function endWindowsTree({ leader, except }: Tree): Promise<number> {
  if (leader === undefined || leader === except || !isAlive(leader)) return 0;
  const args = ["/f", "/t", "/pid", `${leader}`];
  const { success } = await new Deno.Command("taskkill", { args, stdin: "null", stdout: "null", stderr: "null" })
    .output();
  return success ? 1 : 0;
}

function processIds(): number[] {
  try {
    return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function statOf(pid: number): { state: string; session: number; birth: string } | undefined {
  const text = read(`/proc/${pid}/stat`);
  // The name, in parentheses, can hold anything.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state = "", , , session = ""] = fields;
  return text === "" ? undefined : { state, session: Number(session), birth: fields[19] ?? "" };
}

function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return ""; // It is gone, or another user's, or there is no /proc.
  }
}
