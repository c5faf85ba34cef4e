/**
 * What somebody else is to end: attaches and launches, says that it is ready, and does for good what it is told to. ARG 0 is an {@linkcode Order} in JSON.
 */
import { DebugSession, type DebugSessionOptions } from "../../../mod.ts";

/** What the script is to do. */
export interface Order {
  readonly hosting: string;
  /** The name of a program to attach to. */
  readonly attach?: string;
  /** The command of a program to launch. */
  readonly launch?: readonly string[];
  readonly does: keyof typeof DOES;
  /** Milliseconds after which it ends itself, as a script does that has a deadline. */
  readonly deadline?: number;
  /** The port of a server that says nothing. */
  readonly port?: number;
}

/** How long a server may take to answer, in milliseconds. */
const PATIENCE = 6_000;

/** Says that it begins, and when this process did, in milliseconds of the clock. */
const ready = (): void => console.log("ready", Math.round(performance.timeOrigin));

const command = (text: string) => async (): Promise<void> => {
  ready();
  for (const [program] = session.programs.values(); program;) await program.execute(text);
};

async function runs(): Promise<void> {
  ready();
  await session.wait();
}

const DOES = {
  runs,
  programFloods: runs,
  async stops(): Promise<void> {
    session.on("exception", () => "break");
    await session.wait();
    ready();
    await new Promise((resolve) => setTimeout(resolve, 60_000)); // somebody ends this process before
  },
  async holds(): Promise<void> {
    session.on("exception", () => {
      ready(); // once: all programs are held
      return new Promise(() => {});
    });
    await session.wait();
  },
  calls: command("r"),
  loops: command(".for (r $t0 = 0; @$t0 < 0x7fffffff; r $t0 = @$t0 + 1) { }"),
  sleeps: command(".sleep 100000"), // which nothing breaks off
  searches: command("s -b 0 L?7fffffffffff 11 22 33 44 55 66 77 88"), // which takes seconds
  async connects(): Promise<void> {
    ready();
    for (;;) {
      await session.connect(`tcp:server=127.0.0.1,port=${order.port}`, { timeout: PATIENCE }).catch((error) => {
        if (error.kind !== "server-unreachable") throw error; // else it may come up yet
      });
    }
  },
  async prints(): Promise<void> {
    session.on("exception", () => console.log(".".repeat(50_000)));
    ready();
    await session.wait();
  },
  async floods(): Promise<void> {
    ready();
    console.log(".".repeat(1 << 20));
    await session.wait();
  },
} as const;

const order = JSON.parse(Deno.args[0] ?? "") as Order;
const options: Readonly<Record<string, DebugSessionOptions>> = {
  inline: { hosting: "inline" },
  host: { onHostText: async (bytes) => void await Deno.stderr.write(bytes) },
};
const session = new DebugSession(options[order.hosting]);
if (order.attach !== undefined) await session.attach(order.attach);
if (order.launch !== undefined) await session.launch(order.launch);
let isOver = false;
if (order.deadline !== undefined) {
  setTimeout(async () => {
    isOver = true;
    await session[Symbol.asyncDispose]();
    Deno.exit(124);
  }, order.deadline);
}
await DOES[order.does]().catch((error) => {
  if (!isOver) throw error; // else what was under way fails for that
});
