/** Standard input of programs that `latch launch` and scripts start through a host, by the programs' own word. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { launch } from "../../mod.ts";
import { someBytes, word } from "../inputs.ts";
import { Bench, lines } from "./latch_support.ts";
import { prepareNative } from "./native_support.ts";

const { debuggee } = await prepareNative();

/** No event comes of it: what is printed is the program's. */
const LAUNCH = ["launch", "--on", "systemError"];

/** What a program printed: C's run-time library has made two characters of each end of line. */
function plain(text: string): string {
  return text.replaceAll("\r\n", "\n");
}

async function next(said: AsyncGenerator<string, void, void>): Promise<string | undefined> {
  return (await said.next()).value?.replace(/\r$/, "");
}

/** `latch launch --input -` of the reader. */
function piped(bench: Bench, ...args: readonly string[]): Deno.ChildProcess {
  const options = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  return bench.command([...LAUNCH, "--input", "-", "--", "reader.exe", ...args], options).spawn();
}

Deno.test("latch launch --input FILE gives 50 MB of any bytes to the program, exactly", async () => {
  await using bench = await Bench.make("reader");
  const bytes = someBytes(50 << 20);
  await Deno.writeFile(join(bench.folder, "in put.bin"), bytes);
  const { code, out } = await bench.latch(...LAUNCH, "--input", "in put.bin", "--", "reader.exe");
  assert.deepEqual([code, plain(out)], [7, word(bytes)]);
});

Deno.test("latch launch --input - passes on what comes, when it comes, and its end", async () => {
  await using bench = await Bench.make("reader");
  const child = piped(bench, "--lines");
  const writer = child.stdin.getWriter();
  const said = lines(child.stdout);
  for (const line of ["one", "", "grüße"]) {
    await writer.write(new TextEncoder().encode(`${line}\n`));
    assert.equal(await next(said), `line ${line}`);
  }
  await writer.close();
  assert.equal(await next(said), "end");
  await child.stderr.cancel();
  assert.equal((await child.status).code, 7);
});

Deno.test("latch launch --input - ends with the program, whatever its own input would bring yet", async () => {
  await using bench = await Bench.make("reader");
  for (const [args, text] of [[["3"], word(new TextEncoder().encode("abc"))], [["--never"], "never\n"]] as const) {
    const child = piped(bench, ...args);
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode("abcdef"));
    const { code, stdout } = await child.output();
    assert.deepEqual([code, plain(new TextDecoder().decode(stdout))], [7, text]);
    await writer.close().catch(() => {}); // nobody reads there any more
  }
});

Deno.test("Ctrl-C ends latch launch --input - and the program, while both wait for input", async () => {
  await using bench = await Bench.make("reader");
  const name = await bench.rename("reader");
  const args = [...LAUNCH, "--input", "-", "--", name, "--lines"];
  const child = bench.command(args, { stdin: "piped", stdout: "piped", stderr: "null" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("one\n"));
  const said = lines(child.stdout);
  assert.equal(await next(said), "line one");
  const begin = performance.now();
  child.kill("SIGINT");
  assert.equal((await child.status).code, 130);
  const took = performance.now() - begin;
  assert.ok(took < 2_000, `it took ${took} ms`);
  assert.equal(await bench.runs(name), false);
  await said.return();
  await writer.close().catch(() => {});
});

Deno.test("an input that cannot be read is said before anything starts", async () => {
  await using bench = await Bench.make("reader");
  for (const [input, reason] of [["nowhere.txt", "there is no such file"], [".", "it is a folder"]] as const) {
    const options = { env: { LATCH_HOST: "/no/host" }, stdin: "null" } as const;
    const args = ["launch", "--input", input, "--", "reader.exe"];
    const { code, stderr } = await bench.command(args, options).output();
    const error = `error: cannot read the input ${input}: ${reason}; see latch launch --help\n`;
    assert.deepEqual([code, new TextDecoder().decode(stderr)], [2, error]);
  }
});

Deno.test("without --input the program of a host reads nothing, whatever the command's own input has", async () => {
  await using bench = await Bench.make("reader");
  const child = bench.command([...LAUNCH, "--", "reader.exe"], { stdin: "piped", stdout: "piped", stderr: "null" })
    .spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("not for the program"));
  const { code, stdout } = await child.output();
  assert.deepEqual([code, plain(new TextDecoder().decode(stdout))], [7, word(new Uint8Array())]);
  await writer.close().catch(() => {});
});

Deno.test("a program that does not read makes neither side read ahead more than some pieces, and calls work meanwhile", async () => {
  let given = 0;
  const input = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => controller.enqueue(someBytes(10_000).fill(given += 10_000)),
  }, { highWaterMark: 0 });
  const program = await launch([debuggee("reader.exe"), "--never"], { input });
  try {
    for (let count = 0; count < 200; count++) await program.memory.read(program.image.base, 4096);
    assert.ok(given < 4 * (64 << 10), `${given} bytes were read ahead`);
  } finally {
    await program[Symbol.asyncDispose]();
  }
});

const CONFINED = `
import { launch } from "@latch/latch";
const bytes = Uint8Array.from({ length: 1_000_000 }, (_, at) => at * 31 >> 3);
for (const input of ["text", bytes, new Blob([bytes, "more"]).stream()]) {
  await using program = await launch([Deno.args[0]], { input });
  await program.wait();
  console.log(program.end?.exitCode);
}`;

Deno.test("a confined script passes what it has to what it launches, with the right to launch alone", async () => {
  await using bench = await Bench.make("reader");
  await Deno.writeTextFile(join(bench.folder, "script.ts"), CONFINED);
  const program = bench.windowsPath("reader.exe");
  const { code, out, err } = await bench.latch("run", "--no-prompt", `--allow-launch=${program}`, "script.ts", program);
  const encoder = new TextEncoder();
  const bytes = Uint8Array.from({ length: 1_000_000 }, (_, at) => at * 31 >> 3);
  const words = [encoder.encode("text"), bytes, new Uint8Array([...bytes, ...encoder.encode("more")])];
  assert.deepEqual([code, out, err], [0, "7\n7\n7\n", words.map(word).join("")]);
});
