/** An attack on the host of a script: calls of all kinds, at all times, one after another and many at once. */
import { nextAttempt, nextStep, open, run } from "./attempts.ts";
import type { Client } from "./client.ts";
import type { Draw } from "./draw.ts";
import type { Known } from "./known.ts";

/** How an attack is made. */
export interface Attack {
  readonly client: Client;
  readonly known: Known;
  readonly draw: Draw;
  /** Lets some time pass: none, or a while. */
  pause(): Promise<void>;
}

type Move = (attack: Attack) => Promise<void>;

/** How long an answer may take, in milliseconds. */
const ANSWERS = 30_000;

/** Frames that ask for nothing. */
const NOISE: readonly unknown[] = [
  ...[{ interrupt: true }, { beat: "ask" }, { beat: "answer" }, { noted: 0 }, { noted: 1e9 }, { noted: -1 }],
];

const MOVES: readonly Move[] = [
  one,
  one,
  one,
  goOn,
  goOn,
  goOn,
  /** Many at once. */
  async ({ client, known, draw }) => {
    const calls = Array.from({ length: 2 + draw.below(20) }, () => client.ask(nextAttempt(known, draw), draw.oneIn(4)));
    await answered(client, Promise.all(calls));
  },
  /** Many at once, behind a run. */
  async (attack) => {
    const { client, known, draw } = attack;
    const running = client.ask(run(draw));
    const calls = Array.from({ length: draw.below(10) }, () => client.ask(nextAttempt(known, draw)));
    await untilStopped(attack, running);
    await answered(client, Promise.all(calls));
  },
  /** What is no call. */
  async ({ client, draw, pause }) => {
    client.send(draw.pick(NOISE), draw.oneIn(2));
    if (draw.oneIn(2)) client.write(draw.pick(["", "text\n", "half a line", "\x1b[2J", "a\nb\n"]));
    if (draw.oneIn(2)) await pause();
  },
  ({ pause }) => pause(),
  /** Answers that are left for a while. */
  async ({ client, known, draw, pause }) => {
    client.pauseReading(pause());
    await answered(client, client.ask(nextAttempt(known, draw)));
  },
];

/** Makes one move. */
export async function move(attack: Attack): Promise<void> {
  await attack.draw.pick(MOVES)(attack);
}

/** Opens the engine, and goes for a program: most attacks begin so. */
export async function begin(attack: Attack): Promise<void> {
  const { client, known, draw } = attack;
  const path = draw.oneIn(4) ? open(draw.pick(known.world.symbols)) : undefined;
  if (path && (!path.isHarmful || known.isRefused(path))) await answered(client, client.ask(path));
  await answered(client, client.ask(open()));
  if (draw.oneIn(4)) return;
  await answered(client, client.ask(nextStep(known, draw)));
  await goOn(attack);
}

async function one({ client, known, draw }: Attack): Promise<void> {
  await answered(client, client.ask(nextAttempt(known, draw), draw.oneIn(8)));
}

/** Lets programs run, until something stops them or they are interrupted. */
async function goOn(attack: Attack): Promise<void> {
  const { known, draw } = attack;
  if (known.programs.size === 0 && !known.isAwaiting && !draw.oneIn(4)) return await one(attack);
  await untilStopped(attack, attack.client.ask(run(draw)));
}

async function untilStopped({ client, pause }: Attack, running: Promise<void>): Promise<void> {
  let isOver = false;
  running.then(() => isOver = true);
  const end = performance.now() + ANSWERS;
  while (!isOver && performance.now() < end) {
    await Promise.race([pause(), running]);
    if (!isOver) client.send({ interrupt: true });
  }
  await answered(client, running);
}

/** Waits for answers, which come in time. */
async function answered(client: Client, all: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => timer = setTimeout(() => resolve(true), ANSWERS));
  if (await Promise.race([all.then(() => false), late])) client.complaints.push(`no answer within ${ANSWERS} ms`);
  clearTimeout(timer);
}
