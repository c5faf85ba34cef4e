/**
 * Random attacks on the host of a confined script, whose engine is scripted: other ones in each long run, and in a short one always the same.
 * One that fails prints a seed, and LATCH_SEED=SEED:PATH goes through that one again. With real programs: tests/host/attacker_test.ts.
 */
import assert from "node:assert/strict";
import fc from "npm:fast-check@4.3.0";
import { GuardedConnection } from "../../lib/script/guard.ts";
import { Permissions } from "../../lib/script/permissions.ts";
import { parseRights } from "../../lib/script/rights.ts";
import { ReopeningConnection } from "../../lib/remote/reopening_connection.ts";
import { serveEngine } from "../../lib/remote/serve.ts";
import { count, isLong } from "../count.ts";
import { channelPair } from "../remote/channel_support.ts";
import { begin, move } from "./attacker/attack.ts";
import { Client } from "./attacker/client.ts";
import { Draw } from "./attacker/draw.ts";
import { Known } from "./attacker/known.ts";
import { Machine } from "./attacker/machine.ts";
import { Rights } from "./attacker/rights.ts";
import { makeWorld } from "./attacker/world.ts";

const SEED = 20261130;
const ATTACKS = count(500, 20_000);

/** Process 99 confines the script; others are the system's, or are none. */
const WORLD = {
  ...makeWorld({ mine: 7, other: 8, mark: "x", strangers: [4, 50, 0xffff_fff0], folder: "C:\\lab", counts: ["", ""] }),
  self: { processId: 99, name: "latch.exe", entries: [] },
};

/** How an attack ends: in its turn, or in the middle of what is under way. */
const ENDS: Readonly<Record<string, (client: Client) => void | Promise<void>>> = {
  "it hangs up": (client) => client.close(),
  "it closes its engine first": async (client) => {
    await client.ask({ name: "close", values: [] });
    await client.close();
  },
  "it runs its programs": (client) => {
    client.ask({ name: "run", values: ["go"] });
    client.close();
  },
  "it sends what is no message": (client) => client.send({ id: "x", call: "close", values: [] }),
  "nobody waits for it any more": (client) => {
    client.send({ giveUp: true });
    client.close();
  },
};

/** One attack: what was wrong, and what happened. */
async function attack(rights: number, moves: readonly number[]): Promise<{ complaints: string[]; log: string[] }> {
  const known = new Known(WORLD, new Rights(new Draw(rights), WORLD.entries));
  const { flags } = known.rights;
  const machines: Machine[] = [];
  const draw = new Draw(moves.reduce((sum, next) => (sum * 31 + next) >>> 0, rights));
  const open = (): Machine => {
    const machine = new Machine(known, draw);
    machines.push(machine);
    return machine;
  };
  const permissions = new Permissions(parseRights(flags));
  const guard = (): GuardedConnection =>
    new GuardedConnection(new ReopeningConnection(open), permissions, { protectedIds: [99] });
  const [here, there] = channelPair();
  const over = serveEngine(there, new ReopeningConnection(guard));
  const client = new Client(here, known);
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
  await begin({ client, known, draw, pause });
  for (const seed of moves) await move({ client, known, draw: new Draw(seed), pause });
  for (const machine of machines) machine.compare();
  const unused = known.replaced.map((right) => `what came up instead was not refused for ${right}`);
  await draw.pick(Object.values(ENDS))(client);
  await over;
  await client.over;
  const held = machines.flatMap((machine) => machine.held.map((id) => `process ${id} is held at the end`));
  const complaints = [...client.complaints, ...machines.flatMap((machine) => machine.complaints), ...held, ...unused];
  return { complaints, log: [flags.join(" "), ...client.log] };
}

Deno.test(`${ATTACKS.toLocaleString("en")} attacks on a confined script's host: no right is exceeded, none is refused, nothing is held`, async () => {
  const seeds = fc.array(fc.noShrink(fc.nat(0x3fffffff)), { maxLength: 40, size: "max" });
  const goThrough = async (rights: number, moves: readonly number[]): Promise<void> => {
    const { complaints, log } = await attack(rights, moves);
    assert.equal(complaints.length, 0, [...complaints, ...Deno.env.has("SHOW") ? log : [log[0]]].join("\n"));
  };
  const [seed, path] = (Deno.env.get("LATCH_SEED") ?? "").split(/:(.*)/s);
  const again = seed
    ? { seed: Number(seed), ...(path ? { path, endOnFailure: true } : {}) }
    : isLong
    ? {}
    : { seed: SEED };
  const property = fc.asyncProperty(fc.noShrink(fc.nat(0x3fffffff)), seeds, goThrough);
  const result = await fc.check(property, { numRuns: ATTACKS, ...again });
  if (!result.failed) return;
  const replay = `LATCH_SEED=${result.seed}:${result.counterexamplePath}`;
  assert.fail(`${(result.errorInstance as Error)?.message}\nAgain: ${replay} (after ${result.numRuns} attacks)`);
});
