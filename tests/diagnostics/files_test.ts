import assert from "node:assert/strict";
import { declaredRights } from "../../lib/script/declared.ts";
import { parseRights } from "../../lib/script/rights.ts";

const FOLDER = new URL("../../scripts/", import.meta.url);
const NAMES = ["crash", "hang", "modules", "tree"];

function filesIn(folder: URL): URL[] {
  return [...Deno.readDirSync(folder)].filter(({ isFile }) => isFile).map(({ name }) => new URL(name, folder));
}

/** What the crash catcher has in common with `latch launch --dump`; it stands on types of the library alone. */
const OF_CRASHES = "lib\\/(?:dbgeng\\/(?:crash_watch|exception_choice|kept_dumps)|cli\\/(?:dump_place|go_ends))";
/** How paths are told, which imports nothing. */
const OF_PATHS = "lib\\/remote\\/wine_paths";
const ALLOWED = new RegExp(
  `^(?:\\.\\.\\/(?:\\.\\.\\/)?(?:mod|${OF_CRASHES}|${OF_PATHS})\\.ts|\\.\\/(?:shared\\/)?\\w+\\.ts|node:\\w+)$`,
);

Deno.test("diagnostics import mod.ts, what finds crashes and tells paths, each other's shared files and Node's built-ins, and nothing else", () => {
  const files = [...filesIn(FOLDER), ...filesIn(new URL("shared/", FOLDER))];
  assert.ok(files.length > NAMES.length);
  for (const file of files) {
    const specifiers = [...Deno.readTextFileSync(file).matchAll(/^(?:import|export|\}) [^"\n]*from "([^"]+)";$/gm)];
    assert.ok(specifiers.length > 0 || /(?:places|texts)\.ts$/.test(file.pathname), file.pathname);
    for (const [, specifier = ""] of specifiers) {
      assert.match(specifier, ALLOWED, file.pathname);
    }
  }
});

Deno.test("diagnostics declare their rights in a way that is read without running them", async () => {
  assert.deepEqual(
    filesIn(FOLDER).map(({ pathname }) => pathname.split("/").at(-1)).sort(),
    NAMES.map((name) => `${name}.ts`),
  );
  for (const name of NAMES) {
    const url = new URL(`${name}.ts`, FOLDER);
    const declared = declaredRights(Deno.readTextFileSync(url));
    const module: { readonly rights: readonly string[]; main(args: readonly string[]): unknown } = await import(
      url.href
    );
    assert.deepEqual(declared, module.rights);
    assert.ok(declared);
    parseRights(declared);
    assert.equal(typeof module.main, "function");
  }
});
