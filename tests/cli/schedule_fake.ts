/** A diagnostic that does what its arguments say: `--json ACT LOG`. Each run writes `begin PID`, and `end PID` if it gets there; one that hangs, `ready PID` when it can be asked to leave. */
import { isAlive } from "../../lib/cli/schedule/processes.ts";

const [, act = "", log = ""] = Deno.args;
const write = (text: string): void => Deno.writeTextFileSync(log, `${text}\n`, { append: true });

/** Says if a run that began before is still there. */
function lookForOverlap(): void {
  let before = "";
  try {
    before = Deno.readTextFileSync(log);
  } catch {
    // It is the first.
  }
  for (const [, pid] of before.matchAll(/^begin (\d+)$/gm)) {
    if (isAlive(Number(pid))) write(`overlap ${pid} ${Deno.pid}`);
  }
}

const finding = (title: string): string =>
  JSON.stringify({ type: "finding", diagnostic: "fake", title, address: "0x1" });
const forever = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 600_000));

const ACTS: Record<string, () => Promise<number> | number> = {
  ok: () => 0,
  find: () => {
    console.log("looked at all\x1b[31m of it\x1b[0m");
    console.log(finding("it crashed"));
    console.log(finding("and again"));
    return 1;
  },
  fail: () => {
    console.error("error: nothing is right");
    return 2;
  },
  bare: () => 1,
  /** As `latch run` ends at a deadline of its own. */
  late: () => 124,
  through: () => {
    console.log('{"type":"end","exitCode":3}');
    return 3;
  },
  flood: () => {
    for (let index = 0; index < 3000; index++) console.log(finding(`number ${index}`));
    console.log("x".repeat(1_000_000));
    return 1;
  },
  async hang(): Promise<number> {
    Deno.addSignalListener("SIGTERM", () => {
      write(`left ${Deno.pid}`);
      Deno.exit(143);
    });
    console.log("hangs");
    write(`ready ${Deno.pid}`);
    await forever();
    return 0;
  },
  async stubborn(): Promise<number> {
    Deno.addSignalListener("SIGTERM", () => write(`stays ${Deno.pid}`));
    await forever();
    return 0;
  },
  async slow(): Promise<number> {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    return 0;
  },
  /** Leaves a program behind that has no environment, as confined scripts do. */
  async leave(): Promise<number> {
    const left = new Deno.Command("sleep", { args: ["600"], clearEnv: true, stdin: "null", stdout: "inherit" }).spawn();
    left.unref();
    write(`leaves ${left.pid}`);
    await Promise.resolve();
    return 0;
  },
  async die(): Promise<number> {
    Deno.kill(Deno.pid, "SIGKILL");
    await forever();
    return 0;
  },
  /** Fails until it has run three times. */
  flaky: () => [...Deno.readTextFileSync(log).matchAll(/^begin/gm)].length < 3 ? 2 : 0,
};

if (import.meta.main) {
  lookForOverlap();
  write(`begin ${Deno.pid}`);
  const code = await ACTS[act]?.() ?? 2;
  write(`end ${Deno.pid}`);
  Deno.exit(code);
}
