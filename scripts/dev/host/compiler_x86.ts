import { join } from "node:path";
import type { Step } from "../../../lib/cli/host/cache.ts";
import { unpackPackages } from "../../../lib/cli/host/debian.ts";

/** What 32-bit programs are made with, beside the compiler: headers and import libraries. */
const X86_PACKAGES = ["mingw-w64-i686-dev", "mingw-w64-common"];

/** What clang has to be told to make 32-bit programs with them. */
export function x86Flags(root: string): string[] {
  return ["-isystem", join(root, "usr/share/mingw-w64/include"), `-L${join(root, "usr/i686-w64-mingw32/lib")}`];
}

/** Headers and import libraries of 32-bit Windows, from Debian. */
export function x86CompilerStep(root: string): Step {
  return {
    title: "fetching headers and libraries of 32-bit Windows from Debian 13",
    seconds: 10,
    folder: root,
    recipe: `1 ${X86_PACKAGES.join(" ")}`,
    make: (folder) => unpackPackages(folder, X86_PACKAGES),
  };
}
