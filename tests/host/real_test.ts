/**
 * Programs that nobody here wrote: Latch sees of them what Windows' own debug events tell, and reads its dumps of them. Only with
 * `--long`, since they are fetched, a few hundred megabytes.
 */
import assert from "node:assert/strict";
import { attach } from "../../mod.ts";
import { fetchReal } from "../../scripts/dev/real.ts";
import { isLong } from "../count.ts";
import { REAL_PROGRAMS } from "../real/programs.ts";
import { Bench } from "./latch_support.ts";
import { prepareNative } from "./native_support.ts";
import { nameOf, Subject } from "./real_support.ts";

/** What stops a program that is attached to, and stands in its dump. */
const BREAK_IN = 0x80000003;

const { host, debuggee } = await prepareNative();

for (const real of REAL_PROGRAMS) {
  let fetched: Promise<string> | undefined;
  const subject = async (): Promise<Subject> =>
    new Subject(host, real, await (fetched ??= fetchReal(real, () => {})), debuggee("debug_loop.exe"));
  const test = (what: string, run: (program: Subject) => Promise<void>): void =>
    Deno.test({ name: `${real.title}: ${what}`, ignore: !isLong, fn: async () => await run(await subject()) });

  test("a launch tells the modules, exceptions and the exit code that Windows tells", async (program) => {
    const { args, exitCode } = real.run;
    const witness = await program.launchedByLoop(args);
    assert.equal(witness.exitCode, exitCode);
    assert.deepEqual(await program.launchedBySession(args), witness);
  });

  test("an attach finds its modules, a dump of it has them and its threads, and it lives on", async (program) => {
    await using bench = await Bench.make();
    const reading = await program.reading();
    const { pid, name, ...seen } = await look(program, bench);
    const witness = await program.attachedByLoop(pid);
    assert.equal(name, witness.name);
    assert.deepEqual(seen.modules, witness.modules.toSorted());
    const dump = await shown(bench, "attached.dmp");
    assert.deepEqual({ modules: dump.modules, threads: dump.threads }, seen);
    assert.equal(dump.process["processId"], pid);
    assert.equal(dump.exception?.["code"], BREAK_IN);
    await reading.end();
    assert.equal((await reading.child.status).code, real.read.exitCode);
  });

  for (const { args, exitCode, exception } of real.crashes ?? []) {
    test(`a crash is told and dumped: ${args.join(" ")}`, async (program) => {
      await using bench = await Bench.make();
      const command = program.command(args);
      const { code, out } = await bench.latch(
        "launch",
        "--json",
        ...(real.from === "go" ? [] : ["--exit-code"]), // whose ends are told apart without
        "--dump",
        "crash.dmp",
        "--",
        ...command,
      );
      const ends = records(out).filter(({ type }) => type === "exitProcess");
      assert.deepEqual(ends.map((end) => Number(end["exitCode"]) >>> 0), [exitCode], out);
      assert.notEqual(code, 0);
      const dump = await shown(bench, "crash.dmp");
      assert.equal(dump.exception?.["code"], exception);
      if (real.from === "go" && exception === BREAK_IN) {
        assert.match(String(dump.process["comment"]), /^abort in .*program!runtime\.fatal(panic|throw)\b/);
      }
      const witness = await program.launchedByLoop(args);
      assert.equal(witness.exitCode, exitCode);
      assert.deepEqual(dump.modules.filter((path) => !witness.modules.includes(path)), []);
    });
  }

  for (const { args, exitCode } of real.survives ?? []) {
    test(`what it gets over is no crash: ${args.join(" ")}`, async (program) => {
      await using bench = await Bench.make();
      const { out, err } = await bench.latch("launch", "--json", "--dump", "no.dmp", "--", ...program.command(args));
      const ends = records(out).filter(({ type }) => type === "exitProcess");
      assert.deepEqual(ends.map((end) => Number(end["exitCode"]) >>> 0), [exitCode], out + err);
      assert.equal(records(out).some(({ type }) => type === "dump"), false, out);
      assert.equal((await program.launchedByLoop(args)).exitCode, exitCode);
    });
  }
}

interface Seen {
  /** Names of their files, sorted. */
  readonly modules: readonly string[];
  readonly threads: readonly number[];
}

/** Attaches, dumps, and lets it go. */
async function look(program: Subject, bench: Bench): Promise<Seen & { pid: number; name: string | undefined }> {
  await using attached = await attach(program.name);
  await attached.writeDump(bench.windowsPath("attached.dmp"), { type: "mini" });
  const found = await attached.modules();
  const modules = found.map(({ imageName }) => nameOf(imageName)).sort();
  const threads = (await attached.threads()).map(({ threadId }) => threadId).sort();
  return { pid: attached.pid, name: found[0]?.name, modules, threads };
}

type Line = Readonly<Record<string, unknown>>;

function records(text: string): Line[] {
  return text.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
}

/** What `latch dump show` says. */
async function shown(bench: Bench, file: string): Promise<Seen & { process: Line; exception: Line | undefined }> {
  const { code, out, err } = await bench.latch("dump", "show", "--json", file);
  assert.equal(code, 0, err);
  const of = (kind: string): Line[] => records(out).filter(({ type }) => type === kind);
  return {
    process: of("process")[0] ?? {},
    exception: of("exception")[0],
    modules: of("module").map(({ imageName }) => nameOf(String(imageName))).sort(),
    threads: of("stack").map(({ threadId }) => Number(threadId)).sort(),
  };
}
