import assert from "node:assert/strict";
import { chooseExceptions } from "../../lib/dbgeng/exception_choice.ts";

Deno.test("exceptions are chosen by code and by the names that events have", () => {
  const cases: readonly (readonly [word: string | number, code: number])[] = [
    ...[["0xC0000005", 0xc0000005], ["3221225477", 0xc0000005], ["-1073741819", 0xc0000005]] as const,
    ...[["STATUS_ACCESS_VIOLATION", 0xc0000005], ["access_violation", 0xc0000005]] as const,
    ...[["EXCEPTION_STACK_OVERFLOW", 0xc00000fd], [" C++ exception ", 0xe06d7363], [
      "clr exception",
      0xe0434f4d,
    ]] as const,
    ...[["code 2 (in Go: fatal error)", 2], ["CLR exception", 0xe0434352], ["Lua error (LuaJIT)", 0xe24c4a02], [
      0xe0001234,
      0xe0001234,
    ]] as const,
    ...[["BREAKPOINT", 0x80000003], ["DBG_CONTROL_C", 0x40010005]] as const,
  ];
  for (const [word, code] of cases) {
    const isChosen = chooseExceptions([word, 0xdead]);
    assert.deepEqual([isChosen(code), isChosen(0xdead), isChosen(0xc000001d)], [true, true, false], String(word));
  }
  assert.equal(chooseExceptions([])(0xc0000005), false);
});

Deno.test("what is no exception is refused, with what to write", () => {
  for (const word of ["nothing", "", "0x", "0x123456789", "1.5", "4294967296", "S_OK", "C++", -1.5]) {
    assert.throws(() => chooseExceptions([word]), {
      name: "TypeError",
      message: /is no exception; give its code, as 0x/,
    });
  }
});
