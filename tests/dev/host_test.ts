import assert from "node:assert/strict";
import { join } from "node:path";
import { cacheFolder, isDone, makeMissing, type Step } from "../../lib/cli/host/cache.ts";
import { main } from "../../scripts/dev/host/cli.ts";
import { findMirror, sourceStanza } from "../../lib/cli/host/mirror.ts";
import { findProgram, run } from "../../lib/cli/host/process.ts";
import { isNewEnough } from "../../lib/cli/host/relocate.ts";
import { windowsPathOf } from "../../lib/cli/host/wine.ts";

const onUnix = Deno.build.os !== "windows";

function mirrorOf(name: string, text: string): ReturnType<typeof findMirror> {
  return findMirror(new Map([[name, text]]));
}

Deno.test("findMirror() reads deb822 sources, with the keyring", () => {
  const text = [
    "# a comment",
    "Types: deb",
    "# another one inside the stanza",
    "URIs: http://mirror.example/debian",
    "Suites: bookworm bookworm-updates",
    "Components: main",
    "Signed-By: /usr/share/keyrings/archive.gpg",
  ].join("\n");
  assert.deepEqual(mirrorOf("debian.sources", text), {
    uri: "http://mirror.example/debian",
    signedBy: "/usr/share/keyrings/archive.gpg",
  });
});

Deno.test("findMirror() passes by security, disabled, source-only and foreign stanzas", () => {
  const stanza = (types: string, uri: string, suites: string, more = ""): string =>
    `Types: ${types}\nURIs: ${uri}\nSuites: ${suites}\nComponents: main\n${more}`;
  const text = [
    stanza("deb", "http://a.example/debian-security", "bookworm-security"),
    stanza("deb", "http://b.example/debian", "bookworm", "Enabled: no\n"),
    stanza("deb-src", "http://c.example/debian", "bookworm"),
    stanza("deb", "http://d.example/tool", "nodistro"),
    stanza("deb deb-src", "http://e.example/debian", "trixie trixie-updates"),
  ].join("\n");
  assert.deepEqual(mirrorOf("all.sources", text), { uri: "http://e.example/debian" });
});

Deno.test("findMirror() keeps a key that is written into the stanza", () => {
  const key = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINBF\n -----END PGP PUBLIC KEY BLOCK-----";
  const text = `Types: deb\nURIs: http://a.example/debian\nSuites: sid\nComponents: main\nSigned-By:\n ${key}\n`;
  const mirror = mirrorOf("debian.sources", text);
  assert.equal(mirror?.signedBy, key);
  assert.ok(mirror && sourceStanza(mirror).endsWith(`Signed-By: ${key}\n`));
});

Deno.test("findMirror() reads one-line sources, with and without options", () => {
  const text = [
    "# deb http://old.example/debian bookworm main",
    "deb-src http://src.example/debian bookworm main",
    "deb http://s.example/debian-security bookworm-security main",
    "deb [arch=amd64 signed-by=/k.gpg] http://a.example/debian bookworm main contrib",
  ].join("\n");
  assert.deepEqual(mirrorOf("sources.list", text), {
    uri: "http://a.example/debian",
    signedBy: "/k.gpg",
  });
  assert.deepEqual(mirrorOf("sources.list", "deb http://b.example/debian stable main\n"), {
    uri: "http://b.example/debian",
  });
});

Deno.test("findMirror() finds nothing on another distribution", () => {
  assert.equal(mirrorOf("sources.list", "deb http://a.example/ubuntu noble main universe\n"), undefined);
});

Deno.test("sourceStanza() always names trixie", () => {
  assert.equal(
    sourceStanza({ uri: "http://a.example/debian", signedBy: "/k.gpg" }),
    "Types: deb\nURIs: http://a.example/debian\nSuites: trixie\nComponents: main\nSigned-By: /k.gpg\n",
  );
});

Deno.test("cacheFolder() prefers LATCH_CACHE, then the user's cache folder, then the home folder", () => {
  const folder = (values: Record<string, string>): string => cacheFolder((name) => values[name], "linux");
  const all = { LATCH_CACHE: "/a", XDG_CACHE_HOME: "/b", HOME: "/c" };
  if (onUnix) assert.equal(folder(all), "/a");
  assert.equal(folder({ ...all, LATCH_CACHE: "" }), join("/b", "latch"));
  assert.equal(folder({ HOME: "/c" }), join("/c", ".cache", "latch"));
  assert.throws(() => folder({}), /set LATCH_CACHE/);
});

Deno.test("windowsPathOf() puts absolute and relative paths on Z: and leaves Windows paths alone", {
  ignore: !onUnix,
}, () => {
  assert.equal(windowsPathOf("/a b/c.ts"), "Z:\\a b\\c.ts");
  assert.equal(windowsPathOf("c.ts"), windowsPathOf(join(Deno.cwd(), "c.ts")));
  assert.equal(windowsPathOf("C:\\x"), "C:\\x");
  assert.equal(windowsPathOf("\\\\server\\share"), "\\\\server\\share");
});

Deno.test("isNewEnough() takes Wine 10 and newer only", () => {
  assert.equal(isNewEnough("wine-10.0 (Debian 10.0~repack-6)\n"), true);
  assert.equal(isNewEnough("wine-11.2\n"), true);
  assert.equal(isNewEnough("wine-8.0 (Debian 8.0~repack-4)\n"), false);
  assert.equal(isNewEnough("it looks like wine32 is missing\nwine-10.0\n"), true);
  assert.equal(isNewEnough(""), false);
});

Deno.test("makeMissing() makes each step once, again for a new recipe, and then says nothing", async () => {
  const cache = await Deno.makeTempDir();
  const lines: string[] = [];
  const log = (line: string): void => void lines.push(line);
  let count = 0;
  const step = (recipe: string, inPlace: boolean): Step => ({
    ...{ title: "making", seconds: 1, folder: join(cache, `thing-${inPlace}`), recipe, inPlace },
    async make(folder): Promise<void> {
      await Deno.writeTextFile(join(folder, "made"), `${++count}`);
    },
  });
  for (const inPlace of [false, true]) {
    await makeMissing(cache, [step("1", inPlace)], log);
    assert.equal(lines.length, 2);
    assert.ok(isDone(step("1", inPlace)));
    await makeMissing(cache, [step("1", inPlace)], log);
    assert.equal(lines.length, 2);
    assert.equal(isDone(step("2", inPlace)), false);
    await makeMissing(cache, [step("2", inPlace)], log);
    assert.equal(lines.length, 4);
    lines.length = 0;
  }
  assert.equal(count, 4);
  await Deno.remove(cache, { recursive: true });
});

Deno.test("makeMissing() takes nothing half-made for done, and clears it away", async () => {
  const cache = await Deno.makeTempDir();
  const folder = join(cache, "thing");
  let isBroken = true;
  let unmade = 0;
  const step: Step = {
    ...{ title: "making", seconds: 1, folder, recipe: "1", inPlace: true },
    unmake: () => Promise.resolve(void unmade++),
    async make(path): Promise<void> {
      assert.deepEqual([...Deno.readDirSync(path)], []);
      await Deno.writeTextFile(join(path, "half"), "");
      if (isBroken) throw new Error("interrupted");
    },
  };
  await Deno.mkdir(join(cache, "other.1.part"));
  await assert.rejects(makeMissing(cache, [step], () => {}), /interrupted/);
  assert.equal(isDone(step), false);
  isBroken = false;
  await makeMissing(cache, [step], () => {});
  assert.ok(isDone(step));
  assert.equal(unmade, 1);
  assert.deepEqual([...Deno.readDirSync(cache)].map((entry) => entry.name).sort(), ["lock", "thing"]);
  await Deno.remove(cache, { recursive: true });
});

Deno.test("makeMissing() of two at once makes a step once", async () => {
  const cache = await Deno.makeTempDir();
  let count = 0;
  const step: Step = {
    ...{ title: "making", seconds: 1, folder: join(cache, "thing"), recipe: "1" },
    async make(): Promise<void> {
      count++;
      await new Promise((done) => setTimeout(done, 20));
    },
  };
  const lines: string[] = [];
  const log = (line: string): void => void lines.push(line);
  await Promise.all([makeMissing(cache, [step], log), makeMissing(cache, [step], log)]);
  assert.equal(count, 1);
  assert.ok(lines.some((line) => line.startsWith("waiting")));
  await Deno.remove(cache, { recursive: true });
});

Deno.test("run() names a program that is missing and shows the end of what a failing one said", {
  ignore: !onUnix,
}, async () => {
  await assert.rejects(run("no-such-program", []), /Cannot run no-such-program: it is not installed/);
  await assert.rejects(run("sh", ["-c", "echo out; echo why >&2; exit 3"]), /code 3:\nout\nwhy/);
  assert.equal(await run("sh", ["-c", "echo out"]), "out\n");
});

Deno.test("run() does not wait for a background process that holds its output", {
  ignore: !onUnix,
}, async () => {
  const start = performance.now();
  assert.equal(await run("sh", ["-c", "sleep 3 & echo out"]), "out\n");
  assert.ok(performance.now() - start < 2000);
});

Deno.test("findProgram() looks through PATH", { ignore: !onUnix }, () => {
  assert.ok(findProgram("sh")?.endsWith("/sh"));
  assert.equal(findProgram("no-such-program"), undefined);
  assert.equal(findProgram("sh", "/no/such/folder"), undefined);
});

Deno.test("main() prints a failure's message alone and returns 1", async () => {
  const written: unknown[] = [];
  const original = console.error;
  console.error = (...data: unknown[]): void => void written.push(...data);
  try {
    const fail = (): Promise<never> => Promise.reject(new Error("Cannot fetch Wine: no apt"));
    assert.equal(await main(["prepare"], fail), 1);
    assert.equal(await main(["run", "x.ts"], fail), 1);
    assert.deepEqual(written, ["Cannot fetch Wine: no apt", "Cannot fetch Wine: no apt"]);
    assert.equal(await main(["nonsense"], fail), 2);
  } finally {
    console.error = original;
  }
});
