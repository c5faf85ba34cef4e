/** `latch` against live programs: what it prints, its exit codes, what becomes of the programs. */
import assert from "node:assert/strict";
import { Bench, lines } from "./latch_support.ts";

function records(text: string): Record<string, unknown>[] {
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}

Deno.test("launch passes on what the program prints, and ends with its exit code", async () => {
  await using bench = await Bench.make("clock");
  const { code, out, err } = await bench.latch("launch", "--on", "exitProcess", "--", "clock.exe", "greet");
  assert.deepEqual([code, err], [3, ""]);
  assert.match(out, /^greetings\r?$/m);
  assert.match(out, /^exitProcess {4}clock\.exe, code 3$/m);
});

Deno.test("launch shows a crash with its stack and source lines, and writes a dump that show reads", async () => {
  await using bench = await Bench.make("faulty");
  const { code, out, err } = await bench.latch(
    "launch",
    "--on",
    "exception",
    "--dump",
    "crash.dmp",
    "--",
    "faulty.exe",
  );
  assert.deepEqual([code, err], [5, ""], "the lowest byte of 0xC0000005");
  assert.match(out, /^exception {6}STATUS_ACCESS_VIOLATION, first chance, thread \d+$/m);
  assert.match(out, /second chance[^]*faulty!write_price {2}faulty\.c:3\n {15}faulty!add_item {2}faulty\.c:7\n/);
  const shown = await bench.latch("dump", "show", "crash.dmp", "--json");
  assert.deepEqual([shown.code, shown.err], [0, ""]);
  const [process, exception, stack, ...modules] = records(shown.out);
  assert.match(String(process?.program), /faulty\.exe$/);
  assert.deepEqual([exception?.name, exception?.wanted], ["STATUS_ACCESS_VIOLATION", "writing to 0x0"]);
  assert.equal(stack?.threadId, exception?.threadId);
  const [first] = stack?.stack as { symbol: string; line: number; address: string }[];
  assert.deepEqual([first?.symbol, first?.line], ["faulty!write_price", 3]);
  assert.match(String(first?.address), /^0x[\da-f]+$/);
  assert.ok(modules.some(({ type, imageName }) => type === "module" && /ntdll\.dll$/.test(String(imageName))));
});

Deno.test("with --json every line is one object, and what the program prints goes to stderr", async () => {
  await using bench = await Bench.make("clock");
  const { code, out, err } = await bench.latch("launch", "--json", "--", "./clock.exe", "greet");
  assert.equal(code, 3);
  assert.match(err, /^greetings\r?\n$/);
  const events = records(out);
  const types = events.map(({ type }) => type);
  assert.equal(types[0], "createProcess");
  assert.equal(types.at(-1), "exitProcess");
  assert.match(String((events[0]?.module as { base: string }).base), /^0x[\da-f]+$/);
  assert.equal((events[0]?.program as { name: string }).name, "clock.exe");
});

Deno.test("a launched program cannot read what its host is told, nor speak for it", async () => {
  await using bench = await Bench.make("forger");
  const { code, out, err } = await bench.latch("launch", "--on", "exitProcess", "--", "forger.exe");
  assert.deepEqual([code, err], [3, ""]);
  assert.match(out, /^before\n(\0\{"id":1,"error":.*\n){100}read 0 bytes\n/m);
});

Deno.test("attach prints events until Ctrl-C, which leaves the program running", async () => {
  await using bench = await Bench.make("clock");
  const name = await bench.rename("clock");
  bench.start(name);
  const child = bench.command(["attach", name, "--on", "output"], { stdout: "piped", stderr: "piped" }).spawn();
  const errors = new Response(child.stderr).text();
  const seen: string[] = [];
  for await (const line of lines(child.stdout)) {
    seen.push(line);
    if (seen.length === 2) child.kill("SIGINT");
  }
  assert.deepEqual([(await child.status).code, await errors], [130, ""]);
  assert.match(seen.join("\n"), /^output {9}tick \d+\noutput {9}tick \d+\n/);
  assert.equal(seen.at(-1), `programDestroy ${name}, detached`);
  assert.ok(await bench.runs(name));
});

/** Fails what is over before its four seconds are, and what takes much longer. */
async function timed<T>(action: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await action();
  const took = performance.now() - start;
  assert.ok(took > 4_000 && took < 20_000, `it took ${took} ms`);
  return result;
}

Deno.test("the time of --timeout lets an attached program go and ends a launched one", async () => {
  await using bench = await Bench.make("clock");
  const name = await bench.rename("clock");
  bench.start(name);
  const attached = await timed(() => bench.latch("attach", name, "--on", "exception", "--timeout", "4"));
  assert.deepEqual([attached.code, attached.err], [124, "error: the time is over\n"]);
  assert.ok(await bench.runs(name));
  const other = await bench.rename("clock");
  const launched = await timed(() => bench.latch("launch", "--on", "exception", "--timeout", "4", "--", other));
  assert.deepEqual([launched.code, launched.err], [124, "error: the time is over\n"]);
  for (const end = performance.now() + 20_000; await bench.runs(other);) {
    assert.ok(performance.now() < end, "the launched program ends");
  }
});

Deno.test("--noninvasive prints the stack of every thread, and a dump is written of a program that runs on", async () => {
  await using bench = await Bench.make("clock");
  const name = await bench.rename("clock");
  bench.start(name);
  const looked = await bench.latch("attach", name, "--noninvasive", "--json");
  assert.deepEqual([looked.code, looked.err], [0, ""]);
  const frames = records(looked.out).flatMap(({ stack }) => stack as { symbol: string | null; file: string | null }[]);
  assert.ok(frames.some(({ symbol, file }) => /!main$/.test(symbol ?? "") && /clock\.c$/.test(file ?? "")));
  const written = await bench.latch("dump", "write", name, "clock.dmp", "--full", "--comment", "a comment");
  assert.deepEqual([written.code, written.err], [0, ""]);
  assert.match(written.out, new RegExp(`^clock\\.dmp: ${name}, process \\d+\\n$`));
  assert.ok((await Deno.stat(`${bench.folder}/clock.dmp`)).size > 1_000_000);
  const shown = await bench.latch("dump", "show", "clock.dmp");
  assert.deepEqual([shown.code, shown.err], [0, ""]);
  assert.match(shown.out, / {2}clock\w*!main {2}clock\.c:\d+\n/);
  assert.match(shown.out, /^comment {4}a comment$/m);
  assert.doesNotMatch(shown.out, /^exception/m, "nothing was wrong with it");
  assert.ok(await bench.runs(name));
});

Deno.test("errors are one line that says what to do, with their exit code", async () => {
  await using bench = await Bench.make();
  for (
    const [args, code, message] of [
      [["attach", "nobody.exe"], 3, /^error: Cannot attach to "nobody.exe": no process has that image name.*\n$/],
      [["attach", "3999999999"], 3, /^error: Cannot attach to process 3999999999: .*\n$/],
      [["launch", "--", "nothing.exe"], 3, /^error: Cannot launch nothing.exe: .*\n$/],
      [["ps", "--port", "tcp:server=127.0.0.1,port=9"], 3, /^error: .*127\.0\.0\.1.*\n$/],
      [["dump", "show", "nothing.dmp"], 1, /^error: Cannot read nothing\.dmp: there is no such file; .*\n$/],
      [["engine", "--engine", "nowhere"], 4, /^error: Cannot find the debugger engine.*\n$/],
    ] as const
  ) {
    const ran = await bench.latch(...args);
    assert.match(ran.err, message);
    assert.deepEqual([ran.code, ran.out], [code, ""], args.join(" "));
  }
});

Deno.test("a reader that has enough ends latch without a word", async () => {
  await using bench = await Bench.make("clock");
  const name = await bench.rename("clock");
  bench.start(name);
  for (const args of ["ps", `attach ${name} --on output`]) {
    const script = `${
      [Deno.execPath(), "run", "-A", "--no-check"].join(" ")
    } "$0" ${args} | head -1; exit \${PIPESTATUS[0]}`;
    const { code, stdout, stderr } = await new Deno.Command("bash", {
      args: ["-c", script, new URL("../../lib/cli/latch.ts", import.meta.url).pathname],
      env: bench.env,
    }).output();
    const decoder = new TextDecoder();
    assert.deepEqual([code, decoder.decode(stderr)], [0, ""], args);
    assert.equal(decoder.decode(stdout).trimEnd().split("\n").length, 1);
  }
  assert.ok(await bench.runs(name));
});

Deno.test(
  "a host that is killed is an error at once, and the program runs on",
  { ignore: Deno.build.os !== "linux" },
  async () => {
    await using bench = await Bench.make("clock");
    const name = await bench.rename("clock");
    bench.start(name);
    const child = bench.command(["attach", name, "--on", "output"], { stdout: "piped", stderr: "piped" }).spawn();
    const errors = new Response(child.stderr).text();
    let isKilled = false;
    for await (const line of lines(child.stdout)) {
      if (isKilled || !line.startsWith("output")) continue;
      isKilled = true;
      const { stdout } = await new Deno.Command("ps", { args: ["-o", "pid=", "--ppid", `${child.pid}`] }).output();
      const hosts = new TextDecoder().decode(stdout).trim().split(/\s+/).map(Number);
      const [host = 0, ...others] = hosts;
      assert.ok(host > 0 && others.length === 0); // 0 would be this process's whole group
      Deno.kill(host, "SIGKILL");
    }
    assert.equal((await child.status).code, 4);
    assert.equal(await errors, "error: The engine's Wine host is lost: it was ended by SIGKILL\n");
    assert.ok(await bench.runs(name));
  },
);

Deno.test("serve lets another latch list processes, until Ctrl-C", async () => {
  await using bench = await Bench.make("clock");
  const name = await bench.rename("clock");
  bench.start(name);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const server = bench.command(["serve", `tcp:port=${port}`], { stdout: "piped", stderr: "inherit" }).spawn();
  const printed = lines(server.stdout);
  assert.equal((await printed.next()).value, `serving tcp:port=${port}; Ctrl-C ends it`);
  const { code, out, err } = await bench.latch("ps", name, "--port", `tcp:server=127.0.0.1,port=${port}`);
  assert.deepEqual([code, err], [0, ""]);
  assert.ok(out.includes(name));
  server.kill("SIGINT");
  assert.equal((await server.status).code, 130);
});

Deno.test("doctor finds that all is well, and what is not", async () => {
  await using bench = await Bench.make();
  const well = await bench.latch("doctor", "--json");
  const findings = records(well.out);
  assert.deepEqual(findings.filter(({ state }) => state === "trouble"), []);
  assert.equal(well.code, 0);
  const names = findings.map(({ name }) => name);
  for (const name of ["deno", "permissions", "engine", "launch", "attach", "symbols"]) {
    assert.ok(names.includes(name), name);
  }
  assert.equal((findings.find(({ name }) => name === "engine")?.details as string[]).length, 4);
  const ill = await bench.latch("doctor", "--engine", "nowhere");
  assert.equal(ill.code, 4);
  assert.match(ill.out, /^trouble +engine +Cannot find the debugger engine/m);
  assert.match(ill.out, /^1 to be put right$/m);
});
