import { bytes, jumpOver } from "./machine_code.ts";

/** The words of a callback object, as native code sees it. */
export const WORDS = {
  vtable: 0,
  references: 1,
  /** The newest call of a foreign thread; each leads to the one before it. */
  calls: 2,
  /** Windows' id of the object's own thread. */
  thread: 3,
  /** Its interfaces: where their IIDs lie, and how many there are. */
  iids: 4,
  iidCount: 5,
  /** What methods answer foreign threads. */
  answer: 6,
  /** Where the object's own thread goes on, one word a slot. */
  targets: 7,
} as const;

/** Words of a foreign call: the one before it, its slot, its arguments; text follows. */
export const CALL = { before: 0, slot: 1, arguments: 2, text: 6 } as const;

/** The most arguments, beside the object, of a method that can be called later. */
export const MOST_ARGUMENTS = CALL.text - CALL.arguments;

/** Addresses of C's functions. */
export interface Functions {
  readonly malloc: bigint;
  readonly memcpy: bigint;
  readonly strlen: bigint;
  readonly wcslen: bigint;
}

/** What a slot does on a foreign thread: a part of `IUnknown`, or a call that is made later, with one text at most. */
export type Foreign =
  | { readonly does: "query" | "add" | "release" }
  | { readonly does: "later"; readonly text?: { readonly index: number; readonly wide: boolean } };

const E_NOINTERFACE = 0x80004002;

/**
 * Machine code (64-bit Intel, Windows calling convention) of one slot: on the object's own thread it goes on to its target; on all
 * threads where nothing else can be done on foreign ones.
 */
export function gateCode(slot: number, foreign: Foreign | undefined, functions: Functions): number[] {
  const goOn = [0xff, 0xa1, ...bytes(8 * (WORDS.targets + slot), 4)]; // jmp [rcx + target]
  if (!foreign) return goOn;
  return [
    ...[0x65, 0x8b, 0x04, 0x25, 0x48, 0, 0, 0], // mov eax, gs:[0x48]: the thread's id
    ...[0x3b, 0x41, 8 * WORDS.thread], // cmp eax, [rcx + thread]
    ...jumpOver(0x75, goOn), // jne
    ...foreignCode(slot, foreign, functions),
  ];
}

function foreignCode(slot: number, foreign: Foreign, functions: Functions): number[] {
  switch (foreign.does) {
    case "query":
      return QUERY;
    case "add":
      return countBy(1);
    case "release":
      return countBy(-1);
    case "later":
      return laterCode(slot, foreign.text, functions);
  }
}

/** `QueryInterface(rcx, rdx: the IID, r8: where the answer goes)`. */
const QUERY = [
  ...[0x48, 0x8b, 0x02], // mov rax, [rdx]
  ...[0x4c, 0x8b, 0x5a, 0x08], // mov r11, [rdx + 8]
  ...[0x4c, 0x8b, 0x49, 8 * WORDS.iids], // mov r9, [rcx + iids]
  ...[0x44, 0x8b, 0x51, 8 * WORDS.iidCount], // mov r10d, [rcx + iidCount]
  // next:
  ...[0x49, 0x3b, 0x01], // cmp rax, [r9]
  ...[0x75, 0x06], // jne other
  ...[0x4d, 0x3b, 0x59, 0x08], // cmp r11, [r9 + 8]
  ...[0x74, 0x16], // je found
  // other:
  ...[0x49, 0x83, 0xc1, 0x10], // add r9, 16
  ...[0x41, 0xff, 0xca], // dec r10d
  ...[0x75, 0xec], // jnz next
  ...[0x49, 0xc7, 0x00, 0, 0, 0, 0], // mov qword [r8], 0
  ...[0xb8, ...bytes(E_NOINTERFACE, 4)], // mov eax, E_NOINTERFACE
  ...[0xc3], // ret
  // found:
  ...[0xf0, 0x48, 0xff, 0x41, 8 * WORDS.references], // lock inc qword [rcx + references]
  ...[0x49, 0x89, 0x08], // mov [r8], rcx
  ...[0x31, 0xc0], // xor eax, eax
  ...[0xc3], // ret
];

function countBy(difference: 1 | -1): number[] {
  return [
    ...[0xb8, ...bytes(difference, 4)], // mov eax, difference
    ...[0xf0, 0x0f, 0xc1, 0x41, 8 * WORDS.references], // lock xadd [rcx + references], eax
    ...[0x83, 0xc0, difference & 255], // add eax, difference
    ...[0xc3], // ret
  ];
}

/** Makes a copy of the call and puts it on the object's list; without memory the call is lost. */
function laterCode(
  slot: number,
  text: { readonly index: number; readonly wide: boolean } | undefined,
  { malloc, memcpy, strlen, wcslen }: Functions,
): number[] {
  const argument = (index: number): number => 8 * (CALL.arguments + index);
  return [
    ...[0x48, 0x89, 0x4c, 0x24, 0x08], // mov [rsp + 8], rcx: the caller keeps room for four words there,
    ...[0x48, 0x89, 0x54, 0x24, 0x10], // mov [rsp + 16], rdx
    ...[0x4c, 0x89, 0x44, 0x24, 0x18], // mov [rsp + 24], r8
    ...[0x4c, 0x89, 0x4c, 0x24, 0x20], // mov [rsp + 32], r9: and the other arguments follow
    ...[0x53, 0x56, 0x57], // push rbx, rsi, rdi
    ...[0x48, 0x83, 0xec, 0x20], // sub rsp, 32
    ...[0x31, 0xff], // xor edi, edi: bytes of text
    ...(text ? lengthCode(text, text.wide ? wcslen : strlen) : []),
    ...[0x48, 0x8d, 0x4f, 8 * CALL.text], // lea rcx, [rdi + text]
    ...callTo(malloc),
    ...[0x48, 0x85, 0xc0], // test rax, rax
    ...jumpOver(0x74, [ // jz
      ...[0x48, 0x89, 0xc3], // mov rbx, rax
      ...[0x48, 0xc7, 0x43, 8 * CALL.slot, ...bytes(slot, 4)], // mov qword [rbx + slot], slot
      ...Array.from({ length: MOST_ARGUMENTS }, (_, index) => [
        ...[0x48, 0x8b, 0x44, 0x24, FIRST + 8 * (index + 1)], // mov rax, [rsp + argument]
        ...[0x48, 0x89, 0x43, argument(index)], // mov [rbx + argument], rax
      ]).flat(),
      ...[0x48, 0x85, 0xff], // test rdi, rdi
      ...jumpOver(0x74, [ // jz
        ...[0x48, 0x8d, 0x4b, 8 * CALL.text], // lea rcx, [rbx + text]
        ...[0x48, 0x89, 0x4b, argument(text?.index ?? 0)], // mov [rbx + argument], rcx
        ...[0x48, 0x89, 0xf2], // mov rdx, rsi
        ...[0x49, 0x89, 0xf8], // mov r8, rdi
        ...callTo(memcpy),
      ]),
      ...[0x48, 0x8b, 0x4c, 0x24, FIRST], // mov rcx, [rsp + object]
      // again:
      ...[0x48, 0x8b, 0x41, 8 * WORDS.calls], // mov rax, [rcx + calls]
      ...[0x48, 0x89, 0x03], // mov [rbx], rax
      ...[0xf0, 0x48, 0x0f, 0xb1, 0x59, 8 * WORDS.calls], // lock cmpxchg [rcx + calls], rbx
      ...[0x75, 0xf1], // jne again
    ]),
    ...[0x48, 0x8b, 0x4c, 0x24, FIRST], // mov rcx, [rsp + object]
    ...[0x8b, 0x41, 8 * WORDS.answer], // mov eax, [rcx + answer]
    ...[0x48, 0x83, 0xc4, 0x20], // add rsp, 32
    ...[0x5f, 0x5e, 0x5b, 0xc3], // pop rdi, rsi, rbx; ret
  ];
}

/** Where the first argument, the object, lies above the stack pointer. */
const FIRST = 0x40;

/** Leaves the address of the text in rsi, and its bytes with the terminating zero in rdi. */
function lengthCode({ index, wide }: { readonly index: number; readonly wide: boolean }, length: bigint): number[] {
  return [
    ...[0x48, 0x8b, 0x74, 0x24, FIRST + 8 * (index + 1)], // mov rsi, [rsp + argument]
    ...[0x48, 0x85, 0xf6], // test rsi, rsi
    ...jumpOver(0x74, [ // jz
      ...[0x48, 0x89, 0xf1], // mov rcx, rsi
      ...callTo(length),
      ...(wide ? [0x48, 0x8d, 0x7c, 0x00, 0x02] : [0x48, 0x8d, 0x78, 0x01]), // lea rdi, [rax + rax + 2] or [rax + 1]
    ]),
  ];
}

function callTo(address: bigint): number[] {
  return [0x48, 0xb8, ...bytes(address, 8), 0xff, 0xd0]; // mov rax, address; call rax
}
