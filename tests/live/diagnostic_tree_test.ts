import assert from "node:assert/strict";
import { isWine } from "../../lib/dbgeng/thread/windows.ts";
import { rights, type TreeFinding, type TreeProcess, watchTree } from "../../scripts/tree.ts";
import { some } from "../count.ts";
import { checkUsage, runDiagnostic, runJson, startReady } from "./diagnostic_support.ts";
import { Family, member } from "./family_support.ts";
import { hostings } from "./support.ts";

const LEAF = member("leaf");
const ROOT = member("setup", member("helper", LEAF), member("helper"));
const POLICIES = { "helper.exe": "follow", "leaf.exe": "follow" } as const;

type Shape = Record<"processId" | "parentId" | "name" | "exitCode", unknown>;

/** Processes by id: those that run side by side come in any order. */
function shape(processes: readonly (TreeProcess | Shape)[]): Shape[] {
  const list = processes.map(({ processId, parentId, name, exitCode }) => ({ processId, parentId, name, exitCode }));
  return list.sort((one, other) => Number(one.processId) - Number(other.processId));
}

/** What the processes say of themselves; the root does not know who started it. */
function told(family: Family): Shape[] {
  return shape(
    family.relatives(POLICIES).map(({ name, label, report: { pid, parent, exitCode } }) => {
      return { processId: pid, parentId: label === "0" ? null : parent, name, exitCode };
    }),
  );
}

function rulesOf(findings: readonly TreeFinding[]): unknown[] {
  return findings.map(({ rule, pattern, process, ancestors }) => [
    ...[rule, pattern, process?.name],
    ancestors?.map(({ name }) => name),
  ]);
}

for (const hosting of some(hostings, 1)) {
  const session = { hosting };

  Deno.test(`the process-tree watch (${hosting}) tells of every process, and finds nothing else`, async () => {
    using family = new Family(ROOT, 0);
    const rules = { expect: ["helper.exe", "LEAF*"], forbid: ["cmd.exe"] };
    const { findings, processes } = await watchTree({ launch: family.command }, { session, ...rules });
    assert.deepEqual(findings, []);
    assert.deepEqual(shape(processes), told(family));
    assert.deepEqual(processes.map(({ depth }) => depth).sort(), [0, 1, 1, 2]);
    assert.deepEqual(processes[0]?.command, family.command);
    for (const { end, start, lifetime } of processes) assert.ok(end === "exited" && start >= 0 && lifetime !== null);
  });

  Deno.test(`the process-tree watch (${hosting}) finds what is forbidden and what is missing`, async () => {
    using family = new Family(ROOT, 0);
    const rules = { expect: ["helper.exe", "absent.exe", "setup.exe"], forbid: ["leaf.*"] };
    const { findings } = await watchTree({ launch: family.command }, { session, ...rules });
    assert.deepEqual(rulesOf(findings), [
      ["forbidden", "leaf.*", "leaf.exe", ["helper.exe", "setup.exe"]],
      ["missing", "absent.exe", undefined, undefined],
      ["missing", "setup.exe", undefined, undefined],
    ]);
  });
}

Deno.test("tree.ts as a program prints the tree as it grows, and what is forbidden", async () => {
  using family = new Family(ROOT, 0);
  const { code, text, errors } = await runDiagnostic("tree", ["--forbid=leaf.exe", ...family.command]);
  assert.deepEqual([code, errors], [1, ""]);
  const all = family.relatives(POLICIES);
  const [root, leaf] = ["setup.exe", "leaf.exe"].map((name) => all.find((relative) => relative.name === name)?.report);
  assert.ok(root && leaf);
  const time = "^ *\\d+\\.\\d{3} s  ";
  const lines = [
    `${time}setup\\.exe \\(${root.pid}\\) launched: \\S+setup\\.exe `,
    `${time}  helper\\.exe \\(\\d+\\) started by setup\\.exe \\(${root.pid}\\)`,
    `${time}    leaf\\.exe \\(${leaf.pid}\\) started by helper\\.exe \\(${leaf.parent}\\)`,
    `${time}    leaf\\.exe \\(${leaf.pid}\\) exited with code ${leaf.exitCode} after \\d+\\.\\d{3} s$`,
    `^leaf\\.exe \\(${leaf.pid}\\) is forbidden by leaf\\.exe and was started by helper\\.exe`,
  ];
  for (const line of lines) assert.match(text, new RegExp(line, "m"));
});

Deno.test("tree.ts as a program prints JSON, and finds nothing where nothing is", async () => {
  using family = new Family(ROOT, 0);
  const args = ["--expect=helper.exe,leaf.exe", "--forbid=cmd.exe", "--", ...family.command];
  const { code, lines, findings } = await runJson("tree", args);
  assert.deepEqual([code, findings], [0, []]);
  assert.deepEqual(lines.filter(({ type }) => type === "processStart").length, 4);
  const ends = lines.filter(({ type }) => type === "processEnd") as unknown as Shape[];
  assert.deepEqual(shape(ends), told(family));
  assert.deepEqual(lines.at(-1), { type: "end", processes: 4, findings: 0 });
});

Deno.test("tree.ts as a program says how it is used, and that Wine cannot follow what was attached to", async () => {
  await checkUsage("tree", rights);
  await using target = await startReady("hang.exe", ["idle"], "ready");
  const { code, errors } = await runDiagnostic("tree", ["--seconds=2", `--attach=${target.pid}`]);
  assert.equal(code, isWine() ? 2 : 0, errors);
  assert.match(errors, isWine() ? /^error: Cannot [^\n]*children[^\n]*\n$/ : /^$/);
});
