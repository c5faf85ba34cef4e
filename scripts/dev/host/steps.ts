import { join } from "node:path";
import type { Step } from "./cache.ts";
import { unpackPackages } from "./debian.ts";
import { DENO_VERSION, ENGINE_VERSION, fetchEngine, fetchWindowsDeno } from "./packages.ts";
import { finishWine, nameAlternatives, relocatePrograms } from "./relocate.ts";
import { makePrefix, stopWine, type Wine } from "./wine.ts";

/** Wine and the libraries that its console programs load; those for pictures, sound and devices are left out. */
const WINE_PACKAGES = [
  ...["wine64", "libwine", "libz-mingw-w64", "libc6", "libgcc-s1", "libunwind8", "liblzma5"],
  ...["libfreetype6", "libbrotli1", "libbz2-1.0", "libpng16-16t64", "zlib1g"],
  ...["libgnutls30t64", "libgmp10", "libhogweed6t64", "libnettle8t64", "libidn2-0"],
  ...["libp11-kit0", "libffi8", "libtasn1-6", "libunistring5"],
];

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

export function engineStep(cache: string): Step {
  return {
    title: `fetching the debugger engine ${ENGINE_VERSION}`,
    seconds: 4,
    folder: join(cache, "engine"),
    recipe: `1 ${ENGINE_VERSION}`,
    make: fetchEngine,
  };
}

export function denoStep(cache: string): Step {
  return {
    title: `fetching Deno ${DENO_VERSION} for Windows`,
    seconds: 5,
    folder: join(cache, `deno-${DENO_VERSION}`),
    recipe: "1",
    make: fetchWindowsDeno,
  };
}

export function wineStep(root: string): Step {
  return {
    title: "fetching Wine 10 from Debian 13",
    seconds: 20,
    folder: root,
    recipe: `2 ${root} ${WINE_PACKAGES.join(" ")}`,
    async make(folder): Promise<void> {
      await unpackPackages(folder, WINE_PACKAGES);
      await relocatePrograms(folder, root, ["usr/lib/wine"]);
      await finishWine(folder);
    },
  };
}

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

export function prefixStep(wine: Wine, engine: string): Step {
  return {
    title: "making Wine's Windows folders",
    seconds: 8,
    folder: wine.prefix,
    recipe: `4 ${wine.loader} ${engine}`,
    // Wine's server belongs to the folder's place.
    inPlace: true,
    unmake: () => stopWine(wine),
    make: () => makePrefix(wine, engine),
  };
}
