/** What a confined script's process opens to it: every name in it has been judged, and what asks for no permission is closed. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { runScript } from "../../lib/script/run_script.ts";
import { JUDGED, LANGUAGE } from "./judged.ts";

type Surface = Readonly<Record<string, readonly string[]>>;

async function printed(script: string, rights: readonly string[] = []): Promise<string> {
  const told = { out: "", err: "" };
  const { code } = await runScript(fileURLToPath(new URL(`scripts/${script}`, import.meta.url)), {
    rights,
    output: { stdout: (text) => void (told.out += text), stderr: (text) => void (told.err += text) },
    connect: () => assert.fail("the engine was opened"),
  });
  assert.equal(code, 0, told.err);
  return told.out;
}

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== "");
const language = new Set(words(LANGUAGE));
const gpu = new Set(words(JUDGED.closed.globalThis ?? "").filter((name) => name.startsWith("GPU")));

/** The members of what is the language, or takes a WebGPU adapter, are not looked at. */
function isLookedAt(path: string): boolean {
  return path === "globalThis" || (!language.has(path) && !gpu.has(path) && path !== "navigator.gpu");
}

/** Names that were found, but judged in no list or in several. */
function unjudged(surface: Surface): string[] {
  return Object.entries(surface).filter(([path]) => isLookedAt(path)).flatMap(([path, names]) => {
    const lists = Object.values(JUDGED).map((judged) => words(judged[path] ?? ""));
    if (path === "globalThis") lists.push([...language]);
    const judged = lists.flat();
    return names.filter((name) => judged.filter((other) => other === name).length !== 1).map((name) =>
      `${path}: ${name}`
    );
  });
}

Deno.test("every name that a confined script finds, in its own thread and in a worker, has been judged", async () => {
  const surfaces = JSON.parse(await printed("surface.ts")) as Surface[];
  assert.equal(surfaces.length, 2);
  for (const surface of surfaces) {
    assert.ok((surface.globalThis?.length ?? 0) > 200 && (surface.Deno?.length ?? 0) > 100);
    assert.deepEqual(unjudged(surface), []);
  }
});

Deno.test("a name that nobody has judged is told, wherever it comes up", () => {
  assert.deepEqual(
    unjudged({ globalThis: ["fetch", "openFile"], Deno: ["openKv"], GPUNew: ["x"], GPUDevice: ["new"] }),
    [
      "globalThis: openFile",
      "Deno: openKv",
      "GPUNew: x",
    ],
  );
});

for (
  const rights of [[], ["--allow-env"], ["--allow-env=DENO_WEBGPU_BACKEND"], ["--allow-env=*"], ["-E", "--deny-env=X"]]
) {
  Deno.test(`a script with ${rights.join(" ") || "no rights"} gets no WebGPU adapter`, async () => {
    const changes = ["Deno.env.set", "Deno.env.delete", "process.env", "delete process.env"];
    assert.deepEqual((await printed("webgpu.ts", rights)).trim().split("\n"), [
      "at first: none",
      ...changes.map((change) => `${change}: NotCapable`),
      ...["afterwards: none", "worker: none", "node worker: none"],
    ]);
  });
}
