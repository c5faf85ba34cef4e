import { join } from "node:path";
import type { Step } from "./cache.ts";
import { unpackPackages } from "./debian.ts";
import { DENO_VERSION, ENGINE_VERSION, fetchEngine, fetchWindowsDeno } from "./packages.ts";
import { finishWine, relocatePrograms } from "./relocate.ts";
import { makePrefix, stopWine, type Wine } from "./wine.ts";

/** Wine and the libraries that its console programs load; those for pictures, sound and devices are left out. */
const WINE_PACKAGES = [
  ...["wine64", "libwine", "libz-mingw-w64", "libc6", "libgcc-s1", "libunwind8", "liblzma5"],
  ...["libfreetype6", "libbrotli1", "libbz2-1.0", "libpng16-16t64", "zlib1g"],
  ...["libgnutls30t64", "libgmp10", "libhogweed6t64", "libnettle8t64", "libidn2-0"],
  ...["libp11-kit0", "libffi8", "libtasn1-6", "libunistring5"],
];

/** The debugger engine, from NuGet. */
export function engineStep(cache: string): Step {
  return {
    title: `fetching the debugger engine ${ENGINE_VERSION}`,
    seconds: 4,
    folder: join(cache, "engine"),
    recipe: `1 ${ENGINE_VERSION}`,
    make: fetchEngine,
  };
}

/** Windows' Deno, from npm. */
export function denoStep(cache: string): Step {
  return {
    title: `fetching Deno ${DENO_VERSION} for Windows`,
    seconds: 5,
    folder: join(cache, `deno-${DENO_VERSION}-aligned`),
    recipe: "1",
    make: fetchWindowsDeno,
  };
}

/** Wine, from Debian. */
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

/** Wine's Windows folders, with the engine in them. */
export function prefixStep(wine: Wine, engine: string): Step {
  return {
    title: "making Wine's Windows folders",
    seconds: 8,
    folder: wine.prefix,
    recipe: `5 ${wine.loader} ${engine}`,
    // Wine's server belongs to the folder's place.
    inPlace: true,
    unmake: () => stopWine(wine),
    make: () => makePrefix(wine, engine),
  };
}
