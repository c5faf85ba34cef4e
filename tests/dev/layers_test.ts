import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { checkTree } from "../../scripts/dev/layers.ts";

const MOD = 'export * from "./lib/generated/mod.js";';

/** What the check says about a tree that holds these files and a good mod.ts. */
async function faults(files: Record<string, string>): Promise<string> {
  const root = await Deno.makeTempDir();
  try {
    const good = { "mod.ts": `${MOD}\n`, "lib/com/a.ts": "export const a = 1;\n" };
    for (const [path, source] of Object.entries({ ...good, ...files })) {
      await Deno.mkdir(dirname(join(root, path)), { recursive: true });
      await Deno.writeTextFile(join(root, path), source);
    }
    return checkTree(root).join("\n");
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("layers: a tree that keeps the rules has no faults", async () => {
  const source = [
    "/**",
    ' * import { launch } from "@latch/latch";',
    " */",
    '// import x from "jsr:@x/y"; UnsafePointer',
    'import { Buffer } from "node:buffer";',
    "import {",
    "  type A,",
    "  b,",
    '} from "../com/a.ts";',
    'export interface Options { readonly hosting?: "worker" | "inline" }',
    'export type Name = A | "from";',
    'export * from "./other.ts";',
  ].join("\n");
  assert.equal(await faults({ "lib/session/s.ts": source, "lib/session/other.ts": "export {};" }), "");
});

Deno.test("layers: no import from further right", async () => {
  for (
    const statement of [
      'import { s } from "../session/s.ts";',
      'import {\n  s,\n} from "../session/s.ts";',
      'import type { S } from "../session/s.ts";',
      'import "../session/s.ts";',
      'export * from "../session/s.ts";',
      'const s = await import("../session/s.ts");',
    ]
  ) {
    const text = await faults({ "lib/com/b.ts": `const x = 1;\n${statement}\n`, "lib/session/s.ts": "" });
    assert.equal(text, "lib/com/b.ts imports ../session/s.ts: lib/session is to the right of lib/com", statement);
  }
});

Deno.test("layers: the engine's thread is lib/dbgeng's own", async () => {
  const thread = { "lib/dbgeng/thread/t.ts": "export const t = 1;" };
  const source = 'import { t } from "../dbgeng/thread/t.ts";';
  assert.match(await faults({ ...thread, "lib/api/a.ts": source }), /a\.ts imports .*: lib\/dbgeng alone uses/);
  assert.equal(await faults({ ...thread, "lib/dbgeng/w.ts": 'import { t } from "./thread/t.ts";' }), "");
});

Deno.test("layers: no specifier that a URL import cannot follow, but in lib/cli", async () => {
  for (const specifier of ["@latch/latch", "jsr:@a/b", "npm:a", "https://a.example/mod.ts", "/a.ts"]) {
    const source = `import { a } from "${specifier}";`;
    assert.match(await faults({ "lib/api/a.ts": source }), /only relative and node: specifiers/, specifier);
    assert.equal(await faults({ "lib/cli/a.ts": source }), "");
  }
});

Deno.test("layers: the library does not import from beside it", async () => {
  for (const folder of ["scripts/dev", "tests", "examples"]) {
    const source = `import { a } from "../../${folder}/a.ts";`;
    assert.match(await faults({ "lib/api/a.ts": source }), /the library is lib and nothing else/, folder);
  }
});

Deno.test("layers: mod.ts gives its bundle and nothing else", async () => {
  const more = [
    "export const x = 1;",
    'import "./lib/com/a.ts";',
    'export { a } from "./lib/com/a.ts";',
    "export { a };",
  ];
  for (const source of [...more.map((code) => `${MOD}\n${code}\n`), ...more]) {
    const text = await faults({ "mod.ts": source });
    assert.equal(text, 'mod.ts holds more than "export * from" of ./lib/generated/mod.js', source);
  }
});

Deno.test("layers: pointers are named in lib/com, in generated code and in the listed exception only", async () => {
  for (const name of ["UnsafePointer", "UnsafePointerView", "UnsafeFnPointer", "UnsafeCallback"]) {
    const source = `export const x = Deno.${name};`;
    const text = await faults({ "lib/dbgeng/thread/x.ts": source });
    assert.equal(text, `lib/dbgeng/thread/x.ts names ${name}: pointers live and die in lib/com`);
    const allowed = ["lib/com/x.ts", "lib/dbgeng/generated/x.ts", "lib/dbgeng/inline_connection.ts"];
    for (const path of allowed) assert.equal(await faults({ [path]: source }), "");
  }
});

Deno.test("layers: every folder of lib has its place", async () => {
  assert.match(
    await faults({ "lib/other/x.ts": "" }),
    /^lib\/other has no place in the order of lib: com, files, session/,
  );
  assert.match(await faults({ "lib/x.ts": "" }), /^lib has no place/);
});

Deno.test("layers: no file imports itself by way of others, types included", async () => {
  const circle = {
    "lib/session/a.ts": 'import type { B } from "./b.ts";\nexport type A = B;\n',
    "lib/session/b.ts": 'export { type C as B } from "./c.ts";\n',
    "lib/session/c.ts": 'export const c = (): Promise<unknown> => import("./a.ts");\n',
  };
  const [first, ...others] = (await faults(circle)).split("\n");
  assert.equal(
    first,
    "lib/session/a.ts imports itself: lib/session/a.ts → lib/session/b.ts → lib/session/c.ts → lib/session/a.ts",
  );
  assert.equal(others.length, 2);
  assert.match(await faults({ "lib/session/a.ts": 'import { x } from "./a.ts";\n' }), /imports itself/);
  assert.equal(await faults({ ...circle, "lib/session/c.ts": "export type C = 1;\n" }), "");
});
