/** What is read of an x86 instruction: its bytes are those that assemblers and compilers make. */
import assert from "node:assert/strict";
import { decode } from "../../lib/dbgeng/thread/instructions.ts";

/** Instructions with what they are; none of it all where nothing is said. */
const INSTRUCTIONS:
  readonly (readonly [bytes: string, text: string, is?: "isCall" | "entersKernel" | "leads" | "repeats"])[] = [
    ["e8 00 00 00 00", "call next", "isCall"],
    ["ff d0", "call rax", "isCall"],
    ["41 ff d3", "call r11", "isCall"],
    ["48 ff 18", "call far [rax]", "isCall"],
    ["ff 15 00 00 00 00", "call [rip]", "isCall"],
    ["ff 14 25 00 10 fe 7f", "call [7ffe1000h]", "isCall"],
    ["3e ff d0", "notrack call rax", "isCall"],
    ["f2 e8 00 00 00 00", "bnd call next", "isCall"],
    ["66 e8 00 00 00 00", "data16 call next", "isCall"],
    ["64 ff 10", "call fs:[rax]", "isCall"],
    ["65 ff 14 25 00 00 00 00", "call gs:[0]", "isCall"],
    ["67 e8 00 00 00 00", "addr32 call next", "isCall"],
    ["ff e0", "jmp rax", "leads"],
    ["ff 25 00 00 00 00", "jmp [rip]", "leads"],
    ["ff 28", "jmp far [rax]", "leads"],
    ["ff 30", "push [rax]"],
    ["ff c0", "inc eax"],
    ["e9 00 00 00 00", "jmp next", "leads"],
    ["eb fe", "jmp self", "leads"],
    ["74 fe", "je self", "leads"],
    ["7f 00", "jg next", "leads"],
    ["0f 84 00 00 00 00", "je next", "leads"],
    ["0f 8f 00 00 00 00", "jg next", "leads"],
    ["0f 90 c0", "seto al"],
    ["e0 fe", "loopne self", "leads"],
    ["e2 fe", "loop self", "leads"],
    ["67 e3 fe", "jecxz self", "leads"],
    ["e4 10", "in al, 10h"],
    ["c2 08 00", "ret 8", "leads"],
    ["f3 c3", "rep ret", "leads"],
    ["cb", "retf", "leads"],
    ["48 cf", "iretq", "leads"],
    ["c9", "leave"],
    ["60", "no instruction"],
    ["c3", "ret", "leads"],
    ["0f 05", "syscall", "entersKernel"],
    ["48 0f 05", "rex.w syscall", "entersKernel"],
    ["0f 34", "sysenter", "entersKernel"],
    ["cd 2e", "int 2eh", "entersKernel"],
    ["cd 29", "int 29h"],
    ["0f 07", "sysret"],
    ["f3 a4", "rep movsb", "repeats"],
    ["f3 48 a5", "rep movsq", "repeats"],
    ["66 f3 a5", "rep movsw", "repeats"],
    ["f3 66 a5", "rep movsw", "repeats"],
    ["f3 67 a4", "rep movsb of 32-bit addresses", "repeats"],
    ["2e f3 a4", "rep movsb of cs", "repeats"],
    ["f3 26 36 a4", "rep movsb of other segments", "repeats"],
    ["f3 a6", "repe cmpsb", "repeats"],
    ["f2 ae", "repne scasb", "repeats"],
    ["f3 aa", "rep stosb", "repeats"],
    ["f3 48 ab", "rep stosq", "repeats"],
    ["f3 ad", "rep lodsd", "repeats"],
    ["f3 6c", "rep insb", "repeats"],
    ["f3 6f", "rep outsd", "repeats"],
    ["a4", "movsb"],
    ["48 ab", "stosq"],
    ["f3 90", "pause"],
    ["f3 a8 01", "test al, 1"],
    ["f3 0f 10 00", "movss xmm0, [rax]"],
    ["f3 0f 1e fa", "endbr64"],
    ["f0 0f b1 0a", "lock cmpxchg [rdx], ecx"],
    ["90 f3 a4", "nop; rep movsb"],
    ["", "no memory"],
  ];

/** The same in 32-bit code, where it is something else. */
const X86_INSTRUCTIONS: typeof INSTRUCTIONS = [
  ["41 ff d3", "inc ecx; call ebx"],
  ["48 f3 a4", "dec eax; rep movsb"],
  ["4f e8 00 00 00 00", "dec edi; call next"],
  ["ff d3", "call ebx", "isCall"],
  ["f3 a4", "rep movsb", "repeats"],
];

/** Jumps and what is none, and whether it may lead to itself with the same stack. */
const BACK: readonly (readonly [bytes: string, text: string, leadsBack: boolean])[] = [
  ["eb fe", "jmp self", true],
  ["eb fd", "jmp to the byte before", false],
  ["e9 fb ff ff ff", "jmp self, of 32 bits", true],
  ["e9 00 00 00 00", "jmp next", false],
  ["74 fe", "je self", true],
  ["74 10", "je further on", false],
  ["0f 84 fa ff ff ff", "je self, of 32 bits", true],
  ["0f 84 fb ff ff ff", "je into itself", false],
  ["e2 fe", "loop self", true],
  ["67 e3 fd", "jecxz self", true],
  ["67 e3 fe", "jecxz to behind its prefix", false],
  ["f2 eb fd", "bnd jmp self", true],
  ["ff e0", "jmp rax", true],
  ["41 ff e3", "jmp r11", true],
  ["ff 25 00 00 00 00", "jmp [rip]", true],
  ["ff 28", "jmp far [rax]", true],
  ["ff d0", "call rax", false],
  ["e8 fb ff ff ff", "call self", false],
  ["c3", "ret", false],
  ["90", "nop", false],
  ["eb", "jmp, cut off", false],
];

for (const [bytes, text, leadsBack] of BACK) {
  Deno.test(`${text} (${bytes}) ${leadsBack ? "may lead" : "does not lead"} to itself`, () => {
    const code = Uint8Array.from(bytes.split(" "), (byte) => Number.parseInt(byte, 16));
    assert.equal(decode(code).leadsBack, leadsBack);
  });
}

for (const [list, isX86] of [[INSTRUCTIONS, false], [X86_INSTRUCTIONS, true]] as const) {
  const mode = isX86 ? ", in 32-bit code," : "";
  for (const [bytes, text, is] of list) {
    Deno.test(`${text} (${bytes})${mode} ${is === undefined ? "is an ordinary instruction" : `is one that ${is}`}`, () => {
      const code = Uint8Array.from(bytes.split(" ").filter(Boolean), (byte) => Number.parseInt(byte, 16));
      const none = { isCall: false, entersKernel: false, leads: is === "isCall", repeats: false };
      const { leadsBack: _, ...decoded } = decode(code, isX86);
      assert.deepEqual(decoded, is === undefined ? none : { ...none, [is]: true });
    });
  }
}
