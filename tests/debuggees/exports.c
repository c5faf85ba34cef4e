// exports: prints "name address size" of functions and variables to the debugger, and writes to a null pointer in one that has no name.
// For names: only what is exported has one here, and that without a size.
#include <stdio.h>
#include <windows.h>

#define EXPORT __declspec(dllexport)
#define CALLED __attribute__((noinline))

/** What a variable or function is, from its first to its last byte. */
static void tell(const char *name, const void *first, const void *last) {
  char text[100];
  snprintf(text, sizeof text, "%s %llx %llx", name, (unsigned long long)(ULONG_PTR)first,
           (unsigned long long)(ULONG_PTR)last);
  OutputDebugStringA(text);
}

// Exported: a function without a frame, which needs no entry for unwinding, and one that has its last part elsewhere, as compilers do with
// what seldom runs. Between these parts one without a frame and without a name.
__asm__(".text\n.balign 16\n"
        ".globl leaf\nleaf: movl $1, %eax\nleaf_last: ret\n"
        ".globl split\n.balign 16\n"
        "split: subq $40, %rsp\nnop\njmp split_part\nsplit_end:\n"
        ".balign 16\nhidden_leaf: movl $2, %eax\nhidden_leaf_last: ret\n"
        ".balign 16\nsplit_part: nop\naddq $40, %rsp\nsplit_last: ret\nsplit_part_end:\n"
        // Version 1, 4 bytes of prolog, one code: behind byte 4 there are 40 more on the stack. Then one that is part of another.
        ".section .xdata,\"dr\"\nsplit_codes: .byte 1, 4, 1, 0, 4, 0x42, 0, 0\n"
        "part_codes: .byte 0x21, 0, 0, 0\n.rva split, split_end, split_codes\n"
        ".section .pdata,\"dr\"\n.rva split, split_end, split_codes\n.rva split_part, split_part_end, part_codes\n"
        ".section .drectve,\"yn\"\n.ascii \" -export:leaf -export:split\"\n.text\n");

extern char leaf[], leaf_last[], split[], split_part[], split_last[], hidden_leaf[], hidden_leaf_last[];

EXPORT int table[4] = {1, 2, 3, 4};
int *volatile nowhere;

EXPORT CALLED int exported(int value) {
  tell("exported", (void *)exported, __builtin_return_address(0));
  return value + table[value & 3];
}

static CALLED void hidden(int value) {
  tell("hidden", (void *)hidden, (void *)hidden);
  *nowhere = value;
}

static CALLED int outer(int value) {
  hidden(value);
  return value + 1;
}

int main(void) {
  tell("leaf", leaf, leaf_last);
  tell("split", split, split_last);
  tell("split_part", split_part, split_last);
  tell("hidden_leaf", hidden_leaf, hidden_leaf_last);
  tell("table", table, &table[3]);
  int value = exported(1);
  return outer(value);
}
