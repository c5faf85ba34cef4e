/**
 * Runs a program in a console of its own, presses Ctrl-C there once the program has printed a word, and writes
 * `{ code, text }` of it to a file. A console's Ctrl-C reaches all its programs: hence a process, and a console, apart.
 *
 *     deno run -A tests/live/press_ctrl_c.ts RESULT_FILE WORD PROGRAM [ARGUMENTS]
 */
const CTRL_C_EVENT = 0;

const [resultFile = "", word = "", program = "", ...args] = Deno.args;
const kernel = Deno.dlopen("kernel32.dll", {
  FreeConsole: { parameters: [], result: "i32" },
  AllocConsole: { parameters: [], result: "i32" },
  GenerateConsoleCtrlEvent: { parameters: ["u32", "u32"], result: "i32" },
  SetConsoleCtrlHandler: { parameters: ["pointer", "i32"], result: "i32" },
});
const { FreeConsole, AllocConsole, GenerateConsoleCtrlEvent, SetConsoleCtrlHandler } = kernel.symbols;
FreeConsole();
if (!AllocConsole()) throw new Error("Cannot test Ctrl-C: Windows gives no console");

const child = new Deno.Command(program, { args, stdin: "null", stdout: "piped", stderr: "null" }).spawn();
let text = "";
let isPressed = false;
for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
  text += part;
  if (isPressed || !text.includes(word)) continue;
  isPressed = true;
  SetConsoleCtrlHandler(null, 1); // after the start: children inherit that they ignore it
  GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0);
}
const { code } = await child.status;
await Deno.writeTextFile(resultFile, JSON.stringify({ code, text }));
