import type { Mutation } from "./mutation.ts";

/** Of the diagnostics in scripts/. */
export const DIAGNOSTICS: readonly Mutation[] = [
  {
    name: "ctrl-c-as-crash",
    file: "scripts/shared/crash_watch.ts",
    text: "const NO_CRASH_CODES = new Set([0xc000013a]);",
    replacement: "const NO_CRASH_CODES = new Set<number>();",
    tests: ["diagnostics/crash"],
    meaning: "a program that was ended by Ctrl-C is told to have crashed",
  },
  {
    name: "share-beside-the-program",
    file: "scripts/shared/module_rules.ts",
    text: "if (isRemote(path) && !isAtHome)",
    replacement: "if (isRemote(path) && isAtHome)",
    tests: ["diagnostics/modules"],
    meaning: "a DLL that was planted on a share is not found",
  },
  {
    name: "seconds-times-a-thousand",
    file: "scripts/shared/diagnostic.ts",
    text: 'AbortSignal.timeout(1000 * numberOf(call, "seconds", 0, 0.001, LONGEST / 1000))',
    replacement: "AbortSignal.timeout(LONGEST)",
    tests: ["diagnostics/crash"],
    meaning: "a diagnostic goes on when its --seconds are over",
  },
  {
    name: "full-dump-as-mini",
    file: "scripts/shared/crash_watch.ts",
    text: "await program.writeDump(dump, { type, comment });",
    replacement: 'await program.writeDump(dump, { type: "mini", comment });',
    tests: ["diagnostics/crash"],
    meaning: "--dump-type=full writes a dump without the memory",
  },
  {
    name: "failure-as-success",
    file: "scripts/crash.ts",
    text: "for (let rest = code >>> 0; rest > 0; rest >>>= 8) if (rest & 0xff) return rest & 0xff;",
    replacement: "if (code & 0xff) return code & 0xff;",
    tests: ["diagnostics/crash"],
    meaning: "a program's exit code of 0x100 becomes 0",
  },
  {
    name: "go-end-as-panic",
    file: "lib/cli/go_ends.ts",
    text: 'stack.some(({ symbol }) => FATAL.test(symbol ?? ""))',
    replacement: "true",
    tests: ["cli/go_ends"],
    meaning: "a program that ends itself with a code is told to have given up",
  },
];
