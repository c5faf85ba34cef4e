/** What commands print: text, JSON lines, colours, a reader that goes away. */
import assert from "node:assert/strict";
import { eventLine, eventRecord, frameText } from "../../lib/cli/event_text.ts";
import { codeText, exitCodeText } from "../../lib/session/exit_code.ts";
import { jsonLine } from "../../lib/cli/json.ts";
import { Output, type Writer } from "../../lib/cli/output.ts";
import { clean, table } from "../../lib/cli/text.ts";
import type { DebugEvent } from "../../lib/session/program.ts";

/** A writer that keeps what is written, a few bytes at a time. */
class Kept implements Writer {
  readonly #bytes: number[] = [];
  readonly #terminal: boolean;
  isBroken = false;

  constructor(terminal = false) {
    this.#terminal = terminal;
  }

  get text(): string {
    return new TextDecoder().decode(Uint8Array.from(this.#bytes));
  }

  writeSync(bytes: Uint8Array): number {
    if (this.isBroken) throw new Deno.errors.BrokenPipe("Broken pipe");
    const some = bytes.subarray(0, 7);
    this.#bytes.push(...some);
    return some.length;
  }

  isTerminal(): boolean {
    return this.#terminal;
  }
}

const program = { id: "1", pid: 42, name: "app.exe" };
const place = { program, processId: 42, threadId: 43 };

function event(fields: Record<string, unknown>): DebugEvent {
  return { ...place, ...fields } as unknown as DebugEvent;
}

Deno.test("what comes from elsewhere cannot command a terminal", () => {
  assert.equal(clean("a\x1b[2Jb\x07\x9bc\r\nd\te\u202ef"), "a\\x1b[2Jb\\x07\\x9bc\\r\\nd e\\u202ef");
  assert.equal(clean("grüße 世界"), "grüße 世界");
  const json = jsonLine({ text: "\x1b[2J\x9b\x7f\u2028" });
  assert.equal(json, '{"text":"\\u001b[2J\\u009b\\u007f\\u2028"}');
});

Deno.test("JSON has bigints as hexadecimal text, bytes as well, and is one line", () => {
  const line = jsonLine({
    base: 0x140000000n,
    less: -16n,
    bytes: Uint8Array.of(1, 255),
    text: "two\nlines",
    none: null,
  });
  assert.equal(line, '{"base":"0x140000000","less":"-0x10","bytes":"01ff","text":"two\\nlines","none":null}');
});

Deno.test("tables align their columns, and end where the terminal ends", () => {
  const columns = [{ title: "PID", align: "right" }, { title: "NAME" }] as const;
  assert.deepEqual(table(columns, [["7", "a.exe"], ["1234", "b.exe"]]), [" PID  NAME", "   7  a.exe", "1234  b.exe"]);
  assert.deepEqual(table(columns, [["7", "long name.exe"]], 10), ["PID  NAME", "  7  long…"]);
  assert.deepEqual(table(columns, []), ["PID  NAME"]);
});

Deno.test("events are one line each", () => {
  const plain = { paint: (_style: string, text: string) => text };
  const line = (fields: Record<string, unknown>): string => eventLine(event(fields), plain, { many: false });
  const module = { name: "app", imageName: "C:\\app.exe", base: 0x140000000n, size: 4096, checksum: 0, timestamp: 0 };
  assert.equal(line({ type: "createProcess", module, startAddress: 1n }), "createProcess  app.exe, process 42");
  assert.equal(line({ type: "loadModule", module }), "loadModule     0000000140000000     4 KB  C:\\app.exe");
  assert.equal(line({ type: "exitProcess", exitCode: 3 }), "exitProcess    app.exe, code 3");
  assert.equal(line({ type: "output", text: "one\ntwo\x1b[0m\n" }), "output         one\\ntwo\\x1b[0m");
  assert.equal(line({ type: "output", text: "on and", truncated: true }), "output         on and … (cut)");
  const exception = { type: "exception", name: "STATUS_ACCESS_VIOLATION", firstChance: true };
  assert.equal(line(exception), "exception      STATUS_ACCESS_VIOLATION, first chance, thread 43");
  const thrown = { ...exception, name: "C++ exception", details: "std::bad_alloc" };
  assert.equal(line(thrown), "exception      C++ exception (std::bad_alloc), first chance, thread 43");
  const named = eventLine(event(exception), plain, { many: false, threadName: "disk\x1bwriter" });
  assert.equal(named, "exception      STATUS_ACCESS_VIOLATION, first chance, thread 43 (disk\\x1bwriter)");
  const many = eventLine(event({ type: "exitThread", exitCode: 0 }), plain, { many: true });
  assert.equal(many, "exitThread         42  thread 43, code 0");
});

Deno.test("exit codes that are Windows' failures are told in hexadecimal", () => {
  assert.equal(codeText(42), "42");
  assert.equal(codeText(-1073741819), "0xC0000005");
  assert.equal(codeText(0xc0000005), "0xC0000005");
  assert.equal(exitCodeText(0xc0000135 | 0), "0xC0000135 (STATUS_DLL_NOT_FOUND)");
  assert.deepEqual([3, 0xdeadbeef].map(exitCodeText), ["3", "0xDEADBEEF"]);
});

Deno.test("frames tell the source line where it is known, and else how far behind the symbol they are", () => {
  const frame = { address: 0x10n, returnAddress: 0n, frameAddress: 0n, stackAddress: 0n, displacement: 0x14n };
  assert.equal(frameText({ ...frame, symbol: "app!main", file: "C:\\a\\app.c", line: 7 }), "app!main  app.c:7");
  const inlined = { ...frame, symbol: "app!part", inline: true } as const;
  assert.equal(frameText({ ...inlined, file: "C:\\a\\app.c", line: 7 }), "app!part  app.c:7 (inlined)");
  assert.equal(frameText({ ...frame, symbol: "ntdll!Nt", file: null, line: null }), "ntdll!Nt+0x14");
  assert.equal(frameText({ ...frame, symbol: null, file: null, line: null }), "0000000000000010");
});

Deno.test("an event's record names its program, and has a time and a stack if there is one", () => {
  const record = eventRecord(event({ type: "programCreate", reason: "auto", parent: { ...program, id: "0" } }), []);
  assert.match(String(record.time), /^\d{4}-\d\d-\d\dT/);
  delete record.time;
  assert.deepEqual(record, {
    type: "programCreate",
    program,
    processId: 42,
    threadId: 43,
    reason: "auto",
    parent: { ...program, id: "0" },
    stack: [],
  });
});

Deno.test("colours are for terminals, without NO_COLOR and --json", () => {
  assert.equal(new Output({}, new Kept(true), new Kept(), false).paint("red", "x"), "\x1b[31mx\x1b[0m");
  assert.equal(new Output({}, new Kept(true), new Kept(), true).paint("red", "x"), "x");
  assert.equal(new Output({}, new Kept(false), new Kept(), false).paint("red", "x"), "x");
  assert.equal(new Output({ json: true }, new Kept(true), new Kept(), false).paint("red", "x"), "x");
});

Deno.test("notes are for a person at a terminal", () => {
  const [terminal, pipe] = [new Kept(true), new Kept()];
  new Output({}, pipe, terminal).note("attached");
  new Output({}, pipe, pipe).note("attached");
  new Output({ json: true }, pipe, terminal).note("attached");
  assert.deepEqual([terminal.text, pipe.text], ["attached\n", ""]);
});

Deno.test("a debugged program's own output stays out of JSON lines", () => {
  const [out, err] = [new Kept(), new Kept()];
  new Output({}, out, err).pass(new TextEncoder().encode("one\n"));
  new Output({ json: true }, out, err).pass(new TextEncoder().encode("two\n"));
  assert.deepEqual([out.text, err.text], ["one\n", "two\n"]);
});

Deno.test("a reader that goes away ends the output and is no failure", () => {
  const out = new Kept();
  const output = new Output({}, out, new Kept());
  output.line("a line that is longer than the writer takes at a time");
  assert.equal(output.gone.aborted, false);
  out.isBroken = true;
  output.line("second");
  assert.equal(output.gone.aborted, true);
  out.isBroken = false;
  output.line("third");
  assert.equal(out.text, "a line that is longer than the writer takes at a time\n");
});

Deno.test("long work is told of on a terminal, and the line goes when something else comes", async () => {
  const [terminal, pipe] = [new Kept(true), new Kept()];
  const work = (): Promise<number> => new Promise((resolve) => setTimeout(() => resolve(5), 2500));
  const output = new Output({}, terminal, terminal, true);
  const [value] = await Promise.all([output.progress("x", work()), new Output({}, pipe, pipe).progress("x", work())]);
  assert.equal(value, 5);
  const shown = terminal.text.split("\r\x1b[K");
  assert.equal(shown.pop(), "");
  assert.ok(shown.length > 0 && shown.every((text) => /^x … \d+ s$/.test(text)), terminal.text);
  output.line("done");
  assert.ok(terminal.text.endsWith("\r\x1b[Kdone\n"));
  assert.equal(pipe.text, "");
});
