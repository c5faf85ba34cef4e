import type { Step } from "../../../lib/cli/host/cache.ts";
import { unpackPackages } from "../../../lib/cli/host/debian.ts";
import { nameAlternatives, relocatePrograms } from "../../../lib/cli/host/relocate.ts";

/** clang with lld makes programs with a PDB; mingw has Windows' headers and libraries. */
const COMPILER_PACKAGES = [
  ...["clang", "clang-19", "libclang-cpp19", "libllvm19", "libclang-common-19-dev"],
  ...["lld", "lld-19", "llvm", "llvm-19", "llvm-runtime", "llvm-19-runtime"],
  ...["gcc-mingw-w64-x86-64-win32", "gcc-mingw-w64-x86-64-win32-runtime"],
  ...["binutils-mingw-w64-x86-64", "mingw-w64-x86-64-dev", "mingw-w64-common"],
  ...["libc6", "libgcc-s1", "libstdc++6", "zlib1g", "libzstd1", "liblzma5", "libxml2", "libz3-4"],
  ...["libedit2", "libbsd0", "libmd0", "libtinfo6", "libffi8"],
  ...["libgmp10", "libmpfr6", "libmpc3", "libisl23"],
];

/** A Windows compiler, from Debian. */
export function compilerStep(root: string): Step {
  return {
    title: "fetching a Windows compiler from Debian 13",
    seconds: 30,
    folder: root,
    recipe: `2 ${root} ${COMPILER_PACKAGES.join(" ")}`,
    async make(folder): Promise<void> {
      await unpackPackages(folder, COMPILER_PACKAGES);
      await relocatePrograms(folder, root, [
        "usr/bin",
        "usr/lib/llvm-19/bin",
        "usr/lib/gcc/x86_64-w64-mingw32/14-win32",
      ]);
      await nameAlternatives(folder, {
        "x86_64-w64-mingw32-gcc": "x86_64-w64-mingw32-gcc-win32",
      });
    },
  };
}
