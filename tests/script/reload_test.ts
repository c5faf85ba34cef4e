/** Modules of servers: a confined script gets them from the cache of the user's own Deno, and anew where that is asked for. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./run_support.ts";

const LATCH = fileURLToPath(new URL("../../lib/cli/latch.ts", import.meta.url));

/** A server whose modules say how often they were fetched. */
class Modules implements AsyncDisposable {
  readonly #counts = new Map<string, number>();
  readonly #server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, ({ url }) => {
    const path = new URL(url).pathname;
    const count = (this.#counts.get(path) ?? 0) + 1;
    this.#counts.set(path, count);
    return new Response(`export default ${count};`, { headers: { "content-type": "text/javascript" } });
  });

  get host(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  /** A script that prints what two of its modules say, and the flag that lets it import them. */
  get script(): string {
    const origin = `http://${this.host}`;
    return `import a from "${origin}/a.js";\nimport b from "${origin}/folder/b.js";\nconsole.log(a, b);\n`;
  }

  get rights(): string[] {
    return [`--allow-import=${this.host}`];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server.shutdown();
  }
}

/** Does something with other variables in this process's environment. */
async function within<T>(variables: Readonly<Record<string, string>>, action: () => Promise<T>): Promise<T> {
  const before = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
  try {
    return await action();
  } finally {
    for (const [name, value] of before) value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
  }
}

Deno.test("modules of servers are fetched once, and anew with reload: all of them, or those at and below its URLs", async () => {
  await using modules = new Modules();
  const cache = await Deno.makeTempDir({ prefix: "latch-" });
  const { script, rights, host } = modules;
  try {
    await within({ DENO_DIR: cache }, async () => {
      for (
        const [reload, printed] of [
          [false, "1 1"],
          [false, "1 1"],
          [true, "2 2"],
          [[`http://${host}/a.js`], "3 2"],
          [[`http://${host}/folder/`], "3 3"],
          [[`http://${host}/other.js`], "3 3"],
          [[`http://${host}/`], "4 4"],
          [[], "4 4"],
        ] as const
      ) {
        const { stdout, stderr } = await run(script, { rights, reload });
        assert.equal(stdout, `${printed}\n`, `${reload}: ${stderr}`);
      }
    });
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
});

/** Variables by which the user's Deno finds its cache, and where in a folder that is. */
const CACHES: readonly (readonly [names: readonly string[], place: string])[] = [
  [["DENO_DIR"], ""],
  ...Deno.build.os === "linux"
    ? [[["XDG_CACHE_HOME", "DENO_DIR"], "deno"], [["HOME", "XDG_CACHE_HOME", "DENO_DIR"], ".cache/deno"]] as const
    : [],
];

for (const [[name = "", ...unset], place] of CACHES) {
  Deno.test(`modules of servers are kept where ${name} has the cache of Deno`, async () => {
    await using modules = new Modules();
    const folder = await Deno.makeTempDir({ prefix: "latch-" });
    try {
      const variables = { [name]: folder, ...Object.fromEntries(unset.map((other) => [other, ""])) };
      const { stdout, stderr } = await within(variables, () => run(modules.script, { rights: modules.rights }));
      assert.equal(stdout, "1 1\n", stderr);
      assert.ok(Deno.statSync(join(folder, place, "remote")).isDirectory);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("reload takes URLs of modules", async () => {
  for (const reload of [["a.js"], [""], ["https://lab7/a,b"], [7], "https://lab7/", null]) {
    await assert.rejects(run("", { reload: reload as never }), { name: "TypeError", message: /reload/ }, `${reload}`);
  }
});

/** `latch run` with words and a script of the server's modules. */
async function latchRun({ script, rights }: Modules, ...words: readonly string[]): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "latch-" });
  try {
    await Deno.writeTextFile(join(folder, "main.ts"), script);
    const args = ["run", "-A", "--no-check", LATCH, "run", "--no-prompt", ...rights, ...words, join(folder, "main.ts")];
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, stdin: "null" }).output();
    return new TextDecoder().decode(stdout) || new TextDecoder().decode(stderr);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("latch run --reload[=URL,…] is that, and so is -r", async () => {
  await using modules = new Modules();
  const origin = `http://${modules.host}`;
  for (
    const [words, printed] of [
      [[], "1 1\n"],
      [["--reload"], "2 2\n"],
      [[`--reload=${origin}/a.js,${origin}/nothing.js`], "3 2\n"],
      [["-r"], "4 3\n"],
      [
        ["--reload=a.js"],
        'error: Cannot use the option reload: "a.js" is no URL of a module, or of a folder of them\n',
      ],
    ] as const
  ) assert.equal(await latchRun(modules, ...words), printed, `${words}`);
});
