/** Attaching to one process again and again, and letting it go in every way: it runs on as if nobody had been there. */
import assert from "node:assert/strict";
import { DebugSession, type Program } from "../../mod.ts";
import { count } from "../count.ts";
import { grows, type Heartbeat, startHeartbeat } from "./heartbeat_support.ts";
import { engineFolder, hostings, until } from "./support.ts";
import { handleCount, threadCount } from "./toolhelp_support.ts";

const CYCLES = count(20, 100);
/** How much longer than an undebugged twin it may pause, in milliseconds. */
const ALLOWED_PAUSE = 1_000;

type LettingGo = (session: DebugSession, pid: number) => Promise<Program | undefined>;

async function stopAt(session: DebugSession, program: Program, type: "exception" | "breakpoint"): Promise<void> {
  if (type === "exception") program.on("exception", () => "break");
  const stop = await session.wait();
  assert.ok(stop.reason === "event" && stop.event.type === type, stop.reason);
}

/** Sets a code breakpoint or a data breakpoint where the program comes by with every beat. */
async function setBreakpoint(program: Program, command: "bp" | "ba w4"): Promise<void> {
  const module = (await program.modules()).find(({ base }) => base === program.image.base)?.name;
  await program.execute(`${command} ${module}!${command === "bp" ? "beat" : "g_beats"}`);
}

/** The ways to attach and let go; each leaves the program as it found it. */
const WAYS: Readonly<Record<string, LettingGo>> = {
  "held": async (session, pid) => {
    const program = await session.attach(pid);
    await program.detach();
    return program;
  },
  "running": async (session, pid) => {
    const program = await session.attach(pid);
    const ended = session.wait();
    await program.detach();
    assert.deepEqual(await ended, { reason: "ended" });
    return program;
  },
  "unbroken": async (session, pid) => {
    const program = await session.attach(pid, { initialBreak: false });
    await program.detach();
    return program;
  },
  "disposal": async (session, pid) => {
    await using program = await session.attach(pid);
    return program;
  },
  "at an exception": async (session, pid) => {
    const program = await session.attach(pid);
    await stopAt(session, program, "exception");
    await program.detach();
    return program;
  },
  "in a handler": async (session, pid) => {
    const program = await session.attach(pid);
    program.on("exception", ({ program }) => program.detach());
    assert.deepEqual(await session.wait(), { reason: "ended" });
    return program;
  },
  "at a breakpoint": async (session, pid) => {
    const program = await session.attach(pid);
    await setBreakpoint(program, "bp");
    await stopAt(session, program, "breakpoint");
    await program.detach();
    return program;
  },
  "with breakpoints": async (session, pid) => {
    const program = await session.attach(pid);
    await setBreakpoint(program, "ba w4");
    await setBreakpoint(program, "bp");
    await program.detach();
    return program;
  },
  "after an interrupt": async (session, pid) => {
    const program = await session.attach(pid, { initialBreak: false });
    session.interrupt();
    assert.equal((await session.wait()).reason, "interrupt");
    await program.detach();
    return program;
  },
  "given up": async (session, pid) => {
    const reason = new Error("given up");
    const controller = new AbortController();
    const on = { loadModule: () => controller.abort(reason) };
    await assert.rejects(session.attach(pid, { signal: controller.signal, on }), reason);
    assert.equal(session.programs.size, 0);
    return undefined;
  },
};

/** Attaches once in every way, and once more for the session's disposal to let go. Returns how often that was. */
async function attachInAllWays(hosting: "worker" | "inline", pid: number): Promise<number> {
  await using session = new DebugSession({ hosting, engine: engineFolder() });
  for (const [title, letGo] of Object.entries(WAYS)) {
    const program = await letGo(session, pid);
    if (program) assert.deepEqual(program.end, { reason: "detached" }, title);
    assert.equal(session.programs.size, 0, title);
  }
  await session.attach(pid);
  return Object.keys(WAYS).length + 1;
}

function possessions(beat: Heartbeat): string {
  return `${threadCount(beat.pid)} threads, ${handleCount(beat.pid)} handles`;
}

for (const hosting of hostings) {
  Deno.test(`${CYCLES} attachments (${hosting}), let go in every way, leave no trace in the program`, async () => {
    await using beat = startHeartbeat("--raise");
    await using twin = startHeartbeat("--raise");
    await grows(beat);
    const before = possessions(beat);
    for (let cycles = 0; cycles < CYCLES;) cycles += await attachInAllWays(hosting, beat.pid);
    await grows(beat);
    // The thread that broke in last ends when it gets its turn.
    await until(() => possessions(beat) === before, `its ${possessions(beat)} are ${before} again`);
    const [pause, usual] = [beat.longestPause(), twin.longestPause()];
    assert.ok(pause < usual + ALLOWED_PAUSE, `it paused for ${pause} ms, its twin for ${usual} ms`);
  });
}
