/**
 * docs/ends.md tells in a table what comes of a script's end: this brings each of its cells about, and compares. A short run takes some,
 * spread over states, ends and hostings.
 */
import assert from "node:assert/strict";
import { count, some } from "../count.ts";
import { attempt, HOSTINGS, isDeath, type Origin, type Try } from "./ends_support.ts";

const ROUNDS = count(1, 3);

/** The states of the table, and what brings each about: one after another, where there are several. */
const STATES: Readonly<Record<string, readonly Try["does"][]>> = {
  "runs its programs": ["runs"],
  "holds them": ["holds", "stops"],
  "makes one call after another": ["calls"],
  "is inside a long call": ["loops", "sleeps", "searches"],
  "waits for a server that says nothing": ["connects"],
  "prints to a slow reader": ["prints"],
  "prints, and nobody reads": ["floods"],
  "runs what prints, and nobody reads": ["programFloods"],
};

const ENDS: Readonly<Record<string, Try["end"]>> = {
  "deadline": "deadline",
  "Ctrl-C": "SIGINT",
  "`SIGTERM`": "SIGTERM",
  "`SIGKILL`": "SIGKILL",
};

/** How long it is looked whether nothing comes of an end that is said to wait for good, in milliseconds. */
const FOR_GOOD = 3_000;

/** What a cell says, as the page writes it. */
const CLAIM = /^(?:(waits)(?:: |$))?(?:(runs on|suspended) \/ (gone), (\d+) s, (\d+))?$/;

interface Cell {
  readonly state: string;
  readonly end: string;
  readonly hosting: Try["hosting"];
  readonly says: string;
}

/** The cells of the page's table. */
function cellsOf(page: string): readonly Cell[] {
  const [, , ...rows] = page.split("\n").filter((line) => line.startsWith("|"));
  return rows.flatMap((row) => {
    const [state = "", end = "", ...cells] = row.split("|").slice(1, -1).map((cell) => cell.trim());
    return HOSTINGS.map((hosting, column) => ({ state, end, hosting, says: cells[column] ?? "" }));
  });
}

/** What brings a cell's state about in some round. A search in memory is long, but has an end. */
function doesOf({ state, hosting }: Cell, round: number): Try["does"] {
  const ways = (STATES[state] ?? []).filter((does) => hosting !== "inline" || does !== "searches");
  return ways[round % ways.length] ?? assert.fail(`there is no state "${state}"`);
}

const APART: readonly (readonly Origin[])[] = [["attached"], ["launched"]];
const TOGETHER: readonly (readonly Origin[])[] = [["attached", "launched"]];

async function compare(cell: Cell, round: number): Promise<void> {
  const [, waits, attached, launched, seconds, code] = CLAIM.exec(cell.says) ?? assert.fail(`it says "${cell.says}"`);
  const says = { attached, launched };
  const limit = seconds === undefined ? FOR_GOOD : Number(seconds) * 1_000;
  const end = ENDS[cell.end] ?? assert.fail(`there is no end "${cell.end}"`);
  const [does, { hosting }] = [doesOf(cell, round), cell];
  const isForReader = waits !== undefined && seconds !== undefined;
  // Where nobody but the system lets programs go, it knows one answer for all.
  for (const origins of isDeath({ hosting, end }) ? APART : TOGETHER) {
    const outcome = await attempt({ hosting, end, does, origins, limit, waits: isForReader });
    const fates = Object.fromEntries(origins.map((origin) => [origin, says[origin]]));
    const expected = seconds === undefined ? { code: undefined, fates: {} } : { code: Number(code), fates };
    assert.deepEqual(outcome, expected, `it ${does}`);
  }
}

const CELLS = cellsOf(await Deno.readTextFile(new URL("../../docs/ends.md", import.meta.url)));

Deno.test("docs/ends.md tells of each end in each state", () => {
  const rows = new Set(CELLS.map(({ state, end }) => `${state} | ${end}`));
  const expected = Object.keys(STATES).flatMap((state) => Object.keys(ENDS).map((end) => `${state} | ${end}`));
  assert.deepEqual([...rows], expected);
  assert.equal(CELLS.length, expected.length * HOSTINGS.length);
  for (const { says } of CELLS) assert.match(says, CLAIM);
});

some(CELLS, 7).forEach((cell, index) => {
  Deno.test(`a script (${cell.hosting}) that ${cell.state}, and ${cell.end}: ${cell.says}`, async () => {
    for (let round = 0; round < ROUNDS; round++) await compare(cell, index + round);
  });
});
