/** What programs of Linux and macOS ended by has the name that their own systems have for it. */
import assert from "node:assert/strict";
import { constants } from "node:os";
import { join } from "node:path";
import { foreignException } from "../../lib/files/foreign_exceptions.ts";
import { readDumpFile } from "../../lib/files/dump_file.ts";
import { type MadeDump, makeMinidump } from "./minidump_support.ts";

const LINUX = 0x8201;
const ANDROID = 0x8203;
const MACOS = 0x8101;
const ARM64 = 12;

/** Name, details and what the address is, of a dump that was written so. */
async function told(dump: Omit<MadeDump, "address"> & { readonly address?: bigint }): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "made.dmp");
    await Deno.writeFile(path, makeMinidump({ address: 0x1234n, ...dump }));
    const said = readDumpFile(path).program;
    assert.ok(said?.system && said.exception);
    const { name, details, address } = foreignException(said.system, said.exception) ?? { name: "Windows' own" };
    return [name, details, address].filter((word) => word !== undefined).join(" ");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test(
  "a signal of Linux has the name that Linux gives its number",
  { ignore: Deno.build.os !== "linux" },
  async () => {
    for (const [name, code] of Object.entries(constants.signals)) {
      if (["SIGIOT", "SIGPOLL", "SIGUNUSED"].includes(name)) continue; // other names of some
      assert.equal((await told({ platform: LINUX, code, flags: 0 })).split(" ")[0], name);
    }
    assert.equal(await told({ platform: LINUX, code: 64, flags: 0 }), "signal 64 none");
  },
);

Deno.test("a signal's code is told by the name in siginfo.h, and its address as what it is", async () => {
  const cases: readonly (readonly [number, number, string])[] = [
    [11, 1, "SIGSEGV SEGV_MAPERR access"],
    [11, 2, "SIGSEGV SEGV_ACCERR access"],
    [11, 0, "SIGSEGV access"],
    [11, 0x80, "SIGSEGV SI_KERNEL none"],
    [7, 1, "SIGBUS BUS_ADRALN access"],
    [8, 1, "SIGFPE FPE_INTDIV instruction"],
    [4, 2, "SIGILL ILL_ILLOPN instruction"],
    [5, 1, "SIGTRAP TRAP_BRKPT instruction"],
    [6, -6 >>> 0, "SIGABRT SI_TKILL none"],
    [31, 1, "SIGSYS SYS_SECCOMP instruction"],
    [11, 77, "SIGSEGV code 0x4d none"],
    [0xffffffff, 0, "no exception: the dump was asked for none"],
  ];
  for (const platform of [LINUX, ANDROID]) {
    for (const [code, flags, text] of cases) assert.equal(await told({ platform, code, flags }), text);
  }
});

Deno.test("a Mach exception and its code have the names of macOS, by the processor", async () => {
  const cases: readonly (readonly [Partial<MadeDump> & { code: number; flags: number }, string])[] = [
    [{ code: 1, flags: 1 }, "EXC_BAD_ACCESS KERN_INVALID_ADDRESS access"],
    [{ code: 1, flags: 2 }, "EXC_BAD_ACCESS KERN_PROTECTION_FAILURE access"],
    [{ code: 1, flags: 13 }, "EXC_BAD_ACCESS EXC_I386_GPFLT none"],
    [{ code: 1, flags: 0x101, architecture: ARM64 }, "EXC_BAD_ACCESS EXC_ARM_DA_ALIGN access"],
    [{ code: 2, flags: 1 }, "EXC_BAD_INSTRUCTION EXC_I386_INVOP instruction"],
    [{ code: 2, flags: 1, architecture: ARM64 }, "EXC_BAD_INSTRUCTION EXC_ARM_UNDEFINED instruction"],
    [{ code: 3, flags: 1 }, "EXC_ARITHMETIC EXC_I386_DIV instruction"],
    [{ code: 5, flags: 0x10002 }, "EXC_SOFTWARE EXC_UNIX_ABORT instruction"],
    [{ code: 5, flags: 0x10003, parameters: [5n, 0x10003n, 6n] }, "EXC_SOFTWARE SIGABRT instruction"],
    [{ code: 6, flags: 2 }, "EXC_BREAKPOINT EXC_I386_BPT instruction"],
    [{ code: 6, flags: 1, architecture: ARM64 }, "EXC_BREAKPOINT EXC_ARM_BREAKPOINT instruction"],
    [{ code: 11, flags: 0x1000000 }, "EXC_RESOURCE code 0x1000000 instruction"],
    // What Crashpad's abort on macOS 10.15 looks like: no exception, and the kernel's word on the signal.
    [{ code: 0, flags: 0, parameters: [10n, 0x6000000n, 0n] }, "EXC_CRASH SIGABRT instruction"],
    [{ code: 77, flags: 0 }, "0x4d instruction"],
  ];
  for (const [dump, text] of cases) assert.equal(await told({ platform: MACOS, ...dump }), text);
});

Deno.test("of Windows nothing is changed, and of other systems no code is taken for one of Windows", async () => {
  assert.equal(await told({ platform: 2, code: 11, flags: 0 }), "Windows' own");
  assert.equal(await told({ platform: 0x8206, code: 0, flags: 0 }), "0x0 instruction");
});
