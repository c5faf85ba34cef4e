import assert from "node:assert/strict";
import { parseProcessorList } from "../../scripts/dev/bench/machine.ts";
import { fillSections, measurements, SECTIONS } from "../../scripts/dev/bench/plan.ts";
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

Deno.test("formatNumber() shows three digits at least", () => {
  assert.deepEqual([0.33612, 26.44, 99, 140.4, 31163.7].map(formatNumber), ["0.336", "26.4", "99.0", "140", "31,164"]);
});

Deno.test("formatTable() puts the columns of all sections under one another", () => {
  const sections: Section[] = [
    { name: "a", title: "First", unit: "/s", lines: [{ label: "native", values: [2000] }] },
    { name: "b", title: "Second", unit: "ns", lines: [{ label: "a longer label", values: [3] }] },
  ];
  assert.deepEqual(formatTable(sections).split("\n"), [
    "First",
    "                    median    lowest   highest  ratio",
    "  native          2,000 /s  2,000 /s  2,000 /s   1.00",
    "",
    "Second",
    "                    median    lowest   highest  ratio",
    "  a longer label   3.00 ns   3.00 ns   3.00 ns   1.00",
  ]);
});

Deno.test("parseProcessorList() reads ranges and single numbers", () => {
  assert.deepEqual(parseProcessorList("0-2,5"), [0, 1, 2, 5]);
  assert.deepEqual(parseProcessorList(""), []);
});

Deno.test("every line of the benchmark's table has a measurement", () => {
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
  const known = new Set(measurements({ host, root: "", debuggees: "", dump: "" }).map(({ name }) => name));
  const used = SECTIONS.flatMap(({ lines }) => lines.map(({ measurement }) => measurement));
  assert.deepEqual(new Set(used), known);
});

Deno.test("fillSections() refuses a figure that no round has", () => {
  assert.throws(() => fillSections(SECTIONS, [new Map()]), /gave no/);
});
