import assert from "node:assert/strict";
import { reasonOf } from "../../scripts/dev/bench/against.ts";
import { Facts } from "../../scripts/dev/bench/facts.ts";
import { parseProcessorList } from "../../scripts/dev/bench/machine.ts";
import { digestOf } from "../../scripts/dev/bench/measured/digest.ts";
import { liveFigures, type Measurement, measurements, rateOf, told } from "../../scripts/dev/bench/measurements.ts";
import { parsePeak } from "../../scripts/dev/bench/memory.ts";
import { parseOptions } from "../../scripts/dev/bench/options.ts";
import { peerMeasurements } from "../../scripts/dev/bench/peers.ts";
import { measure } from "../../scripts/dev/bench/rounds.ts";
import { countsOf, type Figures, fillSections, sections } from "../../scripts/dev/bench/sections.ts";
import { formatNumber, formatTable, median, type Section, summarize } from "../../scripts/dev/bench/table.ts";

Deno.test("median() takes the middle, whatever the order", () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([10, 2, 9, 1]), 5.5);
  assert.equal(median([100, 20, 3]), 20);
  assert.throws(() => median([]), RangeError);
});

Deno.test("summarize() compares times with the first line, of rates too", () => {
  const lines = [{ label: "native", values: [100] }, { label: "own", values: [50, 60, 10] }];
  const [, time] = summarize({ name: "a", title: "A", unit: "ns", lines });
  assert.deepEqual(time, { median: 50, lowest: 10, highest: 60, ratio: 0.5 });
  const [, rate] = summarize({ name: "a", title: "A", unit: "/s", lines });
  assert.equal(rate?.ratio, 2);
});

Deno.test("summarize() compares with another commit, of rates too", () => {
  const lines = [{ label: "own", values: [50, 70], other: [30, 90, 20] }];
  const [time] = summarize({ name: "a", title: "A", unit: "ns", lines });
  assert.deepEqual([time?.otherMedian, time?.otherRatio], [30, 2]);
  const [rate] = summarize({ name: "a", title: "A", unit: "MB/s", lines });
  assert.equal(rate?.otherRatio, 0.5);
});

Deno.test("formatNumber() shows three digits at least", () => {
  assert.deepEqual([0.33612, 26.44, 99, 140.4, 31163.7].map(formatNumber), ["0.336", "26.4", "99.0", "140", "31,164"]);
});

Deno.test("formatTable() puts the columns of all sections under one another", () => {
  const all: Section[] = [
    { name: "a", title: "First", unit: "/s", lines: [{ label: "native", values: [2000] }] },
    { name: "b", title: "Second", unit: "ns", lines: [{ label: "a longer label", values: [3] }] },
  ];
  assert.deepEqual(formatTable(all).split("\n"), [
    "First",
    "                    median    lowest   highest  ratio",
    "  native          2,000 /s  2,000 /s  2,000 /s   1.00",
    "",
    "Second",
    "                    median    lowest   highest  ratio",
    "  a longer label   3.00 ns   3.00 ns   3.00 ns   1.00",
  ]);
});

Deno.test("formatTable() has another commit's column, or says why it has no figure", () => {
  const lines = [
    { label: "native", values: [4] },
    { label: "own", values: [4], other: [2] },
    { label: "new", values: [1], reason: "there is no such module" },
  ];
  assert.deepEqual(formatTable([{ name: "a", title: "Requests", unit: "requests", lines }], "1234567").split("\n"), [
    "Requests",
    "              median      lowest     highest  ratio     1234567  times it",
    "  native  4 requests  4 requests  4 requests   1.00",
    "  own     4 requests  4 requests  4 requests   1.00  2 requests      2.00",
    "  new     1 requests  1 requests  1 requests   0.25           –         –  there is no such module",
  ]);
});

Deno.test("parseProcessorList() reads ranges and single numbers", () => {
  assert.deepEqual(parseProcessorList("0-2,5"), [0, 1, 2, 5]);
  assert.deepEqual(parseProcessorList(""), []);
});

const host = {
  kind: "wine",
  cache: "",
  engine: "",
  header: "",
  deno: "",
  command: () => new Deno.Command("none"),
  tool: () => new Deno.Command("none"),
  x86Flags: [],
  windowsPath: (path: string) => path,
} as const;
const places = { host, root: "", debuggees: "", dump: "" };
const peers = [{ name: "csharp", program: "", args: [] }, { name: "koffi", program: "", args: [] }] as const;

for (const withPeers of [false, true]) {
  Deno.test(`every line of the table ${withPeers ? "with peers " : ""}has a measurement, and every measurement a line`, () => {
    const counts = countsOf(false);
    const used = sections(counts, withPeers).flatMap(({ lines }) => lines.map(({ measurement }) => measurement));
    const facts = new Facts();
    const own = measurements(places, counts, facts);
    const others = withPeers ? peerMeasurements(peers, places, counts, facts, "") : [];
    const known = [...own, ...others].map(({ name }) => name);
    assert.deepEqual(new Set(used), new Set(known));
    assert.equal(new Set(known).size, known.length);
  });
}

Deno.test("what the native client and Windows' Deno alone do is no other commit's", () => {
  const not = measurements(places, countsOf(true), new Facts()).filter(({ isOurs }) => !isOurs).map(({ name }) => name);
  assert.deepEqual(not.filter((name) => !name.includes("native")), ["empty"]);
});

Deno.test("fillSections() refuses a figure that no round has", () => {
  const plan = sections(countsOf(false));
  assert.throws(() => fillSections(plan, [{ own: new Map() }]), /gave no/);
});

Deno.test("fillSections() has another commit's values, or why there are none", () => {
  const line = { label: "a", measurement: "m", figure: "f" };
  const plan = [{ name: "s", title: "S", unit: "ns", lines: [line, { ...line, measurement: "n" }] }] as const;
  const round = { own: new Map([["m", { f: 1 }], ["n", { f: 2 }]]), other: new Map([["m", { f: 3 }]]) };
  const [section] = fillSections(plan, [round], new Map([["n", "why"]]));
  assert.deepEqual(section?.lines, [
    { label: "a", values: [1], other: [3] },
    { label: "a", values: [2], reason: "why" },
  ]);
});

Deno.test("facts are compared, whatever the order of their keys", () => {
  const facts = new Facts();
  facts.state("x", "native", { b: 1, a: [2, 3], c: undefined });
  facts.compare("x", "own", { a: [2, 3], b: 1 });
  assert.throws(() => facts.compare("x", "own", { a: [3, 2], b: 1 }), /own saw .*\[3,2\].*, native .*\[2,3\]/);
  assert.throws(() => facts.compare("y", "own", 1), /nobody before it/);
});

Deno.test("a rate counts only when all saw the same events, bytes, frames and exit code", () => {
  const facts = new Facts();
  const native = { kinds: { exception: 3, output: 1 }, exitCode: 0, digest: 5, frames: 3, milliseconds: 2 };
  assert.equal(rateOf(facts, "g", "native", native), 2000);
  const { kinds: _, ...silent } = native;
  assert.equal(rateOf(facts, "g", "inline", { ...silent, kinds: {}, milliseconds: 4 }, true), 1000);
  const others = [{ kinds: { exception: 4 } }, { digest: 6 }, { frames: 2 }, { exitCode: 1 }];
  for (const other of others) {
    assert.throws(() => rateOf(facts, "g", "worker", { ...native, ...other }), /Cannot compare/);
  }
  assert.throws(() => rateOf(facts, "g", "worker", { ...native, kinds: {}, exitCode: 1 }, true), /Cannot compare/);
});

Deno.test("told() has the native client's microseconds as milliseconds", () => {
  assert.deepEqual(told({ line: '{"kinds":{},"exitCode":0,"microsecondsTotal":1500}' }), {
    ...{ kinds: {}, exitCode: 0, milliseconds: 1.5 },
  });
});

Deno.test("reads count only when all read the same bytes", () => {
  const facts = new Facts();
  const read = { digest: 7, readUs: 1, againUs: 2 };
  assert.deepEqual(liveFigures(facts, "native", read), { readUs: 1, againUs: 2 });
  assert.throws(() => liveFigures(facts, "worker", { ...read, digest: 8 }), /worker saw 8, the native client 7/);
});

Deno.test("digestOf() tells other bytes and another order", () => {
  const one = Uint8Array.of(1, 0, 0, 0, 2, 0, 0, 0);
  const other = Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 128);
  assert.equal(digestOf([one]), 31 + 2);
  assert.equal(digestOf([one, other]), ((33 * 31 + 0xffff_ffff) % 2 ** 32 * 31 + 0x8000_0000) % 2 ** 32);
  assert.notEqual(digestOf([other, one]), digestOf([one, other]));
  assert.equal(digestOf([new Uint8Array([9, ...one]).subarray(1)]), 33);
});

Deno.test("parsePeak() reads the peak of what is resident", () => {
  assert.equal(parsePeak("VmPeak:\t  900 kB\nVmHWM:\t   512 kB\nVmRSS:\t  400 kB\n"), 512);
  assert.equal(parsePeak("Name:\tkthreadd\n"), 0);
});

Deno.test("reasonOf() is what a script said, without where it lies", () => {
  const said =
    "Cannot measure crash-worker: it ended with code 1 and said \x1b[31merror\x1b[0m: Uncaught (in promise) TypeError: " +
    "x is not a function\n    at file:///a/commit/b.ts:1:2";
  assert.equal(reasonOf(said), "TypeError: x is not a function");
  assert.equal(
    reasonOf(
      'Cannot measure a: it ended with code 1 and said error: Module not found "file:///a/commit/scripts/crash.ts".',
    ),
    "Module not found scripts/crash.ts.",
  );
  assert.equal(
    reasonOf("Cannot compare: worker saw 1, the native client 2"),
    "Cannot compare: worker saw 1, the native client 2",
  );
  assert.equal(reasonOf("x".repeat(200)).length, 90);
});

Deno.test("rounds are interleaved; what fails at the other commit is told and not tried again, what fails here ends it", async () => {
  const runs: string[] = [];
  const fake = (name: string, from: string, run: () => Figures = () => ({ f: 1 })): Measurement => ({
    ...{ name, isOurs: true },
    run: () => (runs.push(name + from), Promise.try(run)),
  });
  const fail = (): never => {
    throw new Error("error: it lacks this");
  };
  const own = [fake("a", ""), fake("b", "")];
  const others = [fake("a", "'"), fake("b", "'", fail), fake("c", "'")];
  const { rounds, reasons } = await measure(own, others, { rounds: 2, isWarm: false }, () => {});
  assert.deepEqual(runs.join(" "), "a a' b b' a a' b a a' b");
  assert.deepEqual([rounds.length, [...reasons]], [2, [["b", "it lacks this"]]]);
  await assert.rejects(measure([fake("d", "", fail)], [], { rounds: 1, isWarm: true }, () => {}), /it lacks this/);
});

Deno.test("parseOptions() refuses what it does not know, and what does not go together", () => {
  for (const args of [["--only", "nothing"], ["--rounds", "0"], ["--rounds", "x"], ["--nothing"], ["--up-to", "5"]]) {
    assert.throws(() => parseOptions(args));
  }
  assert.throws(() => parseOptions(["--scale", "a.svg", "--peers"]), /alone/);
  assert.equal(parseOptions(["--help"]), undefined);
  const request = parseOptions(["--only", "live", "--short", "--against", "HEAD~1"]);
  assert.ok(request && "plan" in request);
  assert.deepEqual([request.plan.map(({ name }) => name), request.against], [["live"], "HEAD~1"]);
  assert.deepEqual(parseOptions(["--scale", "a.svg", "--up-to", "50"]), {
    ...{ scale: "a.svg", rounds: 1, upTo: 50, json: false },
  });
});
