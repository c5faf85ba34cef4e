import assert from "node:assert/strict";
import { join } from "node:path";
import { wrapperPath, wrapperScript, writeWrapper } from "../../lib/cli/host/wrapper.ts";
import type { Wine } from "../../lib/cli/host/wine.ts";

const ignore = Deno.build.os !== "linux";

/** A Wine of shell scripts, in a folder whose name needs quotes, and the script that runs its Deno. */
async function withFake(
  { server, loader }: { server: string; loader: string },
  action: (script: string, wine: Wine) => Promise<void>,
): Promise<void> {
  const cache = await Deno.makeTempDir({ prefix: "it's a cache " });
  const wine: Wine = {
    ...{ cache, prefix: cache, denoDir: join(cache, "deno-dir") },
    ...{ loader: join(cache, "wine"), server: join(cache, "server") },
  };
  const program = (text: string): string => `#!/bin/sh\n${text}\n`;
  await Deno.writeTextFile(wine.server, program(server), { mode: 0o755 });
  await Deno.writeTextFile(wine.loader, program(loader), { mode: 0o755 });
  const script = wrapperPath(cache, 2);
  await writeWrapper(script, wine, join(cache, "deno.exe"));
  try {
    await action(script, wine);
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
}

/** Notes what it is started with; stands for cmd.exe too. */
const LOADER = 'case "$1" in cmd.exe) echo woken >>"$WINEPREFIX/log"; exit ;; esac';

Deno.test(
  "the script for Windows' Deno passes on arguments, input and output as they are",
  { ignore },
  () =>
    withFake({ server: "exit 2", loader: `${LOADER}\nprintf '%s\\n' "$@"; cat; exit 7` }, async (script, wine) => {
      const args = ["run", "a b", 'quo"te', "do$llar", ""];
      const child = new Deno.Command(script, { args, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
      const input = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);
      const writer = child.stdin.getWriter();
      const written = writer.write(input).then(() => writer.close());
      const { code, stdout, stderr } = await child.output();
      await written;
      const head = new TextEncoder().encode([join(wine.cache, "deno.exe"), ...args, ""].join("\n"));
      assert.deepEqual(stdout.subarray(0, head.length), head);
      assert.deepEqual(stdout.subarray(head.length), input);
      assert.equal(stderr.length, 0);
      assert.equal(code, 7);
      assert.equal(await Deno.readTextFile(join(wine.cache, "log")).catch(() => ""), "");
    }),
);

Deno.test(
  "it wakes Wine's server once, and what stays in the background holds nothing of the caller's",
  { ignore },
  () =>
    withFake({
      // The first to come starts it, and it stays; it must not keep the lock either.
      server: 'echo noise; echo noise >&2; [ -e "$WINEPREFIX/up" ] && exit 2; touch "$WINEPREFIX/up"; sleep 3 &',
      loader: `${LOADER}\necho "$WINEPREFIX"`,
    }, async (script, wine) => {
      const start = performance.now();
      const run = (): Promise<Deno.CommandOutput> => new Deno.Command(script, { stdin: "null" }).output();
      for (const { stdout, stderr } of await Promise.all([run(), run(), run()])) {
        assert.equal(new TextDecoder().decode(stdout), `${wine.prefix}\n`);
        assert.equal(stderr.length, 0);
      }
      assert.ok(performance.now() - start < 2_500, "something held an output open, or the lock");
      assert.equal(await Deno.readTextFile(join(wine.cache, "log")), "woken\n");
    }),
);

Deno.test(
  "a signal reaches Deno itself",
  { ignore },
  () =>
    withFake({ server: "exit 2", loader: `${LOADER}\ntrap 'exit 9' INT; echo $$; cat` }, async (script) => {
      const child = new Deno.Command(script, { stdin: "piped", stdout: "piped", stderr: "null" }).spawn();
      const reader = child.stdout.getReader();
      const { value } = await reader.read();
      assert.equal(Number(new TextDecoder().decode(value)), child.pid);
      child.kill("SIGINT");
      await child.stdin.close();
      assert.equal((await child.status).code, 9);
      await reader.cancel();
    }),
);

Deno.test(
  "the script is written again only when it changes, and Wine's messages are the caller's choice",
  { ignore },
  () =>
    withFake({ server: "exit 2", loader: 'echo "$WINEDEBUG"' }, async (script, wine) => {
      const before = await Deno.stat(script);
      await writeWrapper(script, wine, join(wine.cache, "deno.exe"));
      assert.equal((await Deno.stat(script)).ino, before.ino);
      await writeWrapper(script, wine, "/other/deno.exe");
      assert.equal(await Deno.readTextFile(script), wrapperScript(wine, "/other/deno.exe"));
      assert.equal((await Deno.stat(script)).mode?.toString(8).slice(-3), "755");
      const ask = async (env: Record<string, string>): Promise<string> => {
        const { stdout } = await new Deno.Command(script, { env, stdin: "null" }).output();
        return new TextDecoder().decode(stdout).trim();
      };
      assert.equal(await ask({ WINEDEBUG: "" }), "-all");
      assert.equal(await ask({ WINEDEBUG: "+seh" }), "+seh");
    }),
);

Deno.test(
  "Wine's server gets none of the caller's variables, and Deno those that do not speak to Linux' own programs",
  { ignore },
  () =>
    withFake(
      { server: 'env >"$WINEPREFIX/server"; exit 0', loader: 'env >"$WINEPREFIX/${1##*/}"' },
      async (script, wine) => {
        const several = "first\nLD_OF_NONE=1\nTMPDIR=1";
        const passed = { FOO: "1", CI_TEXT: several, NODE_OPTIONS: "--x", TZ: "Asia/Kolkata", WINEDLLOVERRIDES: "a=b" };
        const kept = {
          TMPDIR: "/tmp",
          LD_LIBRARY_PATH: "/x",
          WINESERVER: "/x",
          WINEPREFIX: "/x",
          MALLOC_ARENA_MAX: "1",
        };
        const env = { ...passed, ...kept, DISPLAY: ":0", LC_ALL: "tr_TR.UTF-8", HOME: "/home/me" };
        await new Deno.Command(script, { env, stdin: "null" }).output();
        const read = (name: string): string => Deno.readTextFileSync(join(wine.cache, name));
        const names = (text: string): string[] => [...text.matchAll(/^(\w+)=/gm)].map(([, name = ""]) => name).sort();
        const own = ["DENO_DIR", "DENO_NO_UPDATE_CHECK", "HOME", "LANG", "LC_ALL", "PATH", "SHELL", "USER"];
        for (const name of ["server", "cmd.exe"]) {
          const found = names(read(name)).filter((name) => !/^(PWD|OLDPWD|SHLVL|_)$/.test(name)); // a shell's own
          assert.deepEqual(found, [...own, "WINEARCH", "WINEDEBUG", "WINEPREFIX"], name);
        }
        const deno = read("deno.exe");
        for (const [name, value] of Object.entries(passed)) {
          assert.ok(`\n${deno}`.includes(`\n${name}=${value}\n`), name);
        }
        const lines = deno.replace(several, "").split("\n");
        assert.deepEqual(
          lines.filter((line) => /^(TMPDIR|LD_\w+|WINESERVER|MALLOC_\w+|DISPLAY)=/.test(line)),
          [],
        );
        assert.ok(lines.includes(`WINEPREFIX=${wine.prefix}`) && lines.includes("LC_ALL=C.UTF-8"));
      },
    ),
);
