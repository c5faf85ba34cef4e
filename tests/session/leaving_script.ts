/** A script that a signal ends, for leaving_test.ts: `leaving_script.ts HOW`. What its engines were asked for goes to stdout. */
import { later } from "./fake_contract.ts";
import { World } from "./fake_world.ts";

const world = new World();
const session = world.session(Infinity, true);
world.prepare = (engine) => {
  const release = engine.release.bind(engine);
  engine.release = async (programId, how) => {
    if (Deno.args[0] === "attach") await new Promise((resolve) => setTimeout(resolve, 100)); // the script goes on meanwhile
    await release(programId, how);
    console.log(`${engine.id} ${how}`);
  };
  engine.leaveNow = () => console.log(`${engine.id} leaves now`);
};
console.log("ready");

const HOW: Readonly<Record<string, () => Promise<void>>> = {
  /** The signal comes at the very moment in which an attach completes. */
  async attach(): Promise<void> {
    const program = await session.attach(7);
    Deno.kill(Deno.pid, (Deno.args[1] ?? "SIGINT") as Deno.Signal);
    for (;;) {
      await program.threads();
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  },
  /** The engine does not stop its programs. */
  async stuck(): Promise<void> {
    await session.attach(7);
    world.engine().interruptible = false;
    await session.wait();
  },
  /** The session is being disposed of, which takes a while. */
  async disposes(): Promise<void> {
    await session.attach(7);
    const { release } = world.engine();
    world.engine().release = async (programId, how) => {
      await new Promise((resolve) => setTimeout(resolve, 600));
      await release(programId, how);
    };
    console.log("there");
    const disposal = session[Symbol.asyncDispose]();
    if (Deno.args[1] === "throw") throw new Error("the script broke");
    if (Deno.args[1] === "exit") Deno.exit(3);
    await disposal;
    await new Promise((resolve) => setTimeout(resolve, 60_000)); // somebody ends this process before
  },
  /** Two sessions, of which one takes longer. */
  async two(): Promise<void> {
    const other = world.session(Infinity, true);
    await other.attach(8, { port: await other.connect("two") });
    const slow = world.engine("two");
    const { release } = slow;
    slow.release = async (programId, how) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await release(programId, how);
    };
    await session.attach(7);
    console.log("there");
    await session.wait();
  },
};

await later();
await HOW[Deno.args[0] ?? ""]?.();
