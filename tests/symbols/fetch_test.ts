/** What symbol servers answer, and what becomes of it. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fetchSymbols, type FetchSymbolsOptions, FileError, type WantedFile } from "../../lib/symbols/mod.ts";
import { CABINET, Folder, serverOf, SymbolServer, unpacked, WANTED } from "./server_support.ts";

const PDB = unpacked();
const PLACE = `hits.pdb/${WANTED.id}/hits.pdb`;

function fetchFrom(
  server: SymbolServer | string,
  folder: Folder,
  options: Partial<FetchSymbolsOptions> = {},
): ReturnType<typeof fetchSymbols> {
  const servers = [typeof server === "string" ? server : server.url];
  return fetchSymbols([WANTED], { servers, cache: folder.path, ...options });
}

function assertThere(folder: Folder, place = PLACE): void {
  assert.deepEqual(folder.files.filter((path) => !path.endsWith("index2.txt")), [place]);
  assert.deepEqual(Deno.readFileSync(join(folder.path, place)), PDB);
}

/** Bytes in pieces, and then, where it is to break, nothing more. */
function inPieces(bytes: Uint8Array, breaks: boolean): ReadableStream<Uint8Array> {
  let offset = 0;
  return new ReadableStream({
    pull(controller): void {
      if (offset < bytes.length) controller.enqueue(bytes.slice(offset, offset += 8192));
      else if (breaks) controller.error(new Error("for a test"));
      else controller.close();
    },
  });
}

Deno.test("a file is asked for under its name and id, kept there, and not asked for again", async () => {
  using folder = new Folder();
  const paths: string[] = [];
  await using server = new SymbolServer((_name, { url }) => {
    paths.push(new URL(url).pathname);
    return new Response(PDB);
  });
  const path = join(folder.path, PLACE);
  assert.deepEqual(await fetchFrom(server, folder), [{ ...WANTED, outcome: "fetched", path }]);
  assert.deepEqual(await fetchFrom(server, folder), [{ ...WANTED, outcome: "present", path }]);
  assert.deepEqual(paths, [`/symbols/${PLACE}`]);
  assertThere(folder);
});

Deno.test("one that is there but another, or cut off, is fetched anew", async () => {
  for (const bytes of [new Uint8Array(), PDB.slice(0, 5000), new TextEncoder().encode("Microsoft")]) {
    using folder = new Folder();
    await using server = serverOf({ "hits.pdb": PDB });
    await Deno.mkdir(join(folder.path, PLACE, ".."), { recursive: true });
    await Deno.writeFile(join(folder.path, PLACE), bytes);
    assert.equal((await fetchFrom(server, folder))[0]?.outcome, "fetched");
    assertThere(folder);
  }
});

Deno.test("a store with an index2.txt has one more folder in front", async () => {
  using folder = new Folder();
  await Deno.writeTextFile(join(folder.path, "index2.txt"), "");
  await using server = serverOf({ "hits.pdb": PDB });
  await fetchFrom(server, folder);
  assertThere(folder, `hi/${PLACE}`);
});

Deno.test("a compressed answer is unpacked", async () => {
  using folder = new Folder();
  await using server = serverOf({ "hits.pd_": await Deno.readFile(CABINET) });
  assert.equal((await fetchFrom(server, folder))[0]?.outcome, "fetched");
  assert.deepEqual(server.asked, ["hits.pdb", "hits.pd_"]);
  assertThere(folder);
});

Deno.test("file.ptr leads to another address; a place on this machine is followed only if that is asked for", async () => {
  using folder = new Folder();
  await using elsewhere = serverOf({ "real.pdb": PDB });
  await using web = serverOf({ "file.ptr": `PATH:${elsewhere.url}/real.pdb\r\n` });
  assert.equal((await fetchFrom(web, folder))[0]?.outcome, "fetched");
  assertThere(folder);
  using source = new Folder();
  const target = join(source.path, "there.pdb");
  await Deno.writeFile(target, PDB);
  for (const text of [`PATH:${target}`, target]) {
    using other = new Folder();
    await using local = serverOf({ "file.ptr": text });
    const [refused] = await fetchFrom(local, other);
    assert.equal(refused?.outcome, "missing");
    assert.match(refused?.reason ?? "", /it is at .*there\.pdb, which is not followed/);
    assert.deepEqual(other.files, []);
    assert.equal((await fetchFrom(local, other, { followPaths: true }))[0]?.outcome, "fetched");
    assertThere(other);
  }
});

const CACHE = Deno.makeTempDirSync();
Deno.test({
  name: "writing to the cache is all the writing that it needs, whatever a server answers",
  permissions: { net: true, read: true, write: [CACHE] },
  fn: async () => {
    await using server = serverOf({ "file.ptr": "MSG: none" });
    const fetched = await fetchSymbols([WANTED], { servers: [server.url], cache: CACHE });
    assert.deepEqual(fetched, [{ ...WANTED, outcome: "missing", reason: "the server says: none" }]);
    assert.deepEqual([...Deno.readDirSync(CACHE)], []);
    Deno.removeSync(CACHE);
  },
});

Deno.test("nothing is left of a compressed answer that is none, is damaged, or does not come", async () => {
  const packed = await Deno.readFile(CABINET);
  packed[packed.length >> 1] = (packed[packed.length >> 1] ?? 0) ^ 1;
  for (const bytes of [new TextEncoder().encode("<html>"), packed, undefined]) {
    using folder = new Folder();
    await using server = new SymbolServer((name) => {
      if (name !== "hits.pd_") return new Response("none", { status: 404 });
      return bytes ? new Response(bytes) : new Response("later", { status: 503 });
    });
    assert.equal((await fetchFrom(server, folder))[0]?.outcome, "failed");
    assert.deepEqual(folder.files, []);
  }
});

Deno.test("file.ptr with a message is told, in one line", async () => {
  using folder = new Folder();
  await using server = serverOf({ "file.ptr": "MSG: gone\nto the\x1b[31marchive" });
  assert.deepEqual(await fetchFrom(server, folder), [
    { ...WANTED, outcome: "missing", reason: "the server says: gone to the [31marchive" },
  ]);
});

Deno.test("what no server has is missing, and leaves nothing behind; the next server is asked", async () => {
  using folder = new Folder();
  await using none = serverOf({});
  assert.deepEqual(await fetchFrom(none, folder), [{ ...WANTED, outcome: "missing" }]);
  assert.deepEqual(none.asked, ["hits.pdb", "hits.pd_", "file.ptr"]);
  assert.deepEqual([...Deno.readDirSync(folder.path)], []);
  await using some = serverOf({ "hits.pdb": PDB });
  const servers = [none.url, some.url];
  assert.equal((await fetchSymbols([WANTED], { servers, cache: folder.path }))[0]?.outcome, "fetched");
});

Deno.test("a server that gives another file is told, and nothing of it is kept", async () => {
  const other = new Uint8Array(PDB);
  const guid = Buffer.from("585689D4E13852794C4C44205044422E", "hex"); // as it lies in the file
  const at = Buffer.from(PDB).indexOf(guid);
  assert.ok(at > 0);
  other[at] = 0;
  for (const bytes of [other, new TextEncoder().encode("<html>Not found</html>"), new Uint8Array()]) {
    using folder = new Folder();
    await using server = serverOf({ "hits.pdb": bytes });
    const [{ outcome, reason } = {}] = await fetchFrom(server, folder);
    assert.equal(outcome, "failed");
    assert.match(reason ?? "", /^Cannot use http:.*: it is not hits\.pdb D4895658\w+; look at the server$/);
    assert.deepEqual(folder.files, []);
  }
});

Deno.test("a connection that breaks is taken up where it broke, by one call or by the next", async () => {
  using folder = new Folder();
  const half = PDB.slice(0, PDB.length >> 1);
  let breaks = 1;
  const answer = (_name: string, request: Request): Response => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.get("range") ?? "bytes=0-")?.[1]);
    const headers = { "content-range": `bytes ${start}-${PDB.length - 1}/${PDB.length}` };
    if (breaks-- > 0) return new Response(inPieces(half.slice(start), true), start ? { status: 206, headers } : {});
    return new Response(PDB.slice(start), start ? { status: 206, headers } : {});
  };
  {
    await using server = new SymbolServer(answer);
    assert.equal((await fetchFrom(server, folder))[0]?.outcome, "fetched");
    assert.deepEqual(server.asked.map((line) => line.replace(/\d+-$/, "N-")), ["hits.pdb", "hits.pdb bytes=N-"]);
    assertThere(folder);
  }
  using second = new Folder();
  breaks = 0;
  await using server = new SymbolServer(answer);
  const part = join(second.path, `${PLACE}.part`);
  await Deno.mkdir(join(part, ".."), { recursive: true });
  await Deno.writeFile(part, half);
  assert.equal((await fetchFrom(server, second))[0]?.outcome, "fetched");
  assert.deepEqual(server.asked, [`hits.pdb bytes=${half.length}-`]);
  assertThere(second);
});

Deno.test("a server that knows no ranges gives all again; what is left of another file is given up", async () => {
  for (const left of [PDB.slice(0, 1000), new Uint8Array(PDB.length + 7), new Uint8Array(100)]) {
    using folder = new Folder();
    await using server = left.length === 1000 ? serverOf({ "hits.pdb": PDB }) : ranged(PDB);
    await Deno.mkdir(join(folder.path, PLACE, ".."), { recursive: true });
    await Deno.writeFile(join(folder.path, `${PLACE}.part`), left);
    assert.equal((await fetchFrom(server, folder))[0]?.outcome, "fetched");
    assertThere(folder);
  }
});

function ranged(bytes: Uint8Array<ArrayBuffer>): SymbolServer {
  return new SymbolServer((_name, request) => {
    const range = /^bytes=(\d+)-$/.exec(request.headers.get("range") ?? "");
    if (!range) return new Response(bytes);
    const start = Number(range[1]);
    if (start >= bytes.length) return new Response(null, { status: 416 });
    const headers = { "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
    return new Response(bytes.slice(start), { status: 206, headers });
  });
}

Deno.test("checksums that a server sends are compared", async () => {
  const sha = createHash("sha256").update(PDB).digest("base64");
  const md5 = createHash("md5").update(PDB).digest("base64");
  const right = [{ "repr-digest": `sha-256=:${sha}:` }, { digest: `SHA-256=${sha}` }, { "content-md5": md5 }];
  for (const headers of right as Record<string, string>[]) {
    using folder = new Folder();
    await using server = new SymbolServer(() => new Response(PDB, { headers }));
    assert.equal((await fetchFrom(server, folder))[0]?.outcome, "fetched", Object.keys(headers)[0]);
    assert.equal(server.asked.length, 1);
  }
  using folder = new Folder();
  const headers = { "repr-digest": `sha-256=:${sha.replace(/^./, (letter) => letter === "A" ? "B" : "A")}:` };
  await using server = new SymbolServer(() => new Response(PDB, { headers }));
  const [{ outcome, reason } = {}] = await fetchFrom(server, folder);
  assert.equal(outcome, "failed");
  assert.match(reason ?? "", /its checksum is another one/);
  assert.deepEqual(folder.files, []);
});

Deno.test("a server that refuses is told with its answer, and not asked again", async () => {
  using folder = new Folder();
  await using server = new SymbolServer(() => new Response("no", { status: 401, statusText: "Unauthorized" }));
  const [{ outcome, reason } = {}] = await fetchFrom(server, folder);
  assert.equal(outcome, "failed");
  assert.match(reason ?? "", /^Cannot fetch http:\S+: it answers 401 Unauthorized; look at/);
  assert.equal(server.asked.length, 1);
});

Deno.test("a server that cannot be reached is tried three times, once for all files", async () => {
  using folder = new Folder();
  await using server = new SymbolServer(() => new Response("later", { status: 503 }));
  const others = Array.from({ length: 20 }, (_, index) => ({ ...WANTED, name: `other${index}.pdb` }));
  const fetched = await fetchSymbols(others, { servers: [server.url], cache: folder.path });
  assert.ok(fetched.every(({ outcome, reason }) => outcome === "failed" && reason?.includes("it answers 503")));
  assert.ok(server.asked.length <= 12, `four at a time: ${server.asked.length}`);
  assert.deepEqual(folder.files, []);
});

Deno.test("a signal ends it at once; what has come stays for the next time", async () => {
  using folder = new Folder();
  const controller = new AbortController();
  const reason = new Error("enough");
  const stuck = Promise.withResolvers<void>();
  await using server = new SymbolServer(() =>
    new Response(
      new ReadableStream({
        start: (out): void => out.enqueue(PDB.slice(0, 20_000)),
        pull: () => stuck.promise,
      }),
    )
  );
  const onProgress = ({ received }: { received: number }): void => {
    if (received >= 20_000) controller.abort(reason);
  };
  await assert.rejects(fetchFrom(server, folder, { signal: controller.signal, onProgress }), reason);
  stuck.resolve();
  assert.deepEqual(folder.files, [`${PLACE}.part`]);
  assert.deepEqual(await Deno.readFile(join(folder.path, `${PLACE}.part`)), PDB.slice(0, 20_000));
});

Deno.test("who fetches the same at the same time fetches it once", async () => {
  using folder = new Folder();
  await using server = serverOf({ "hits.pdb": PDB });
  const all = await Promise.all(Array.from({ length: 8 }, () => fetchFrom(server, folder)));
  assert.deepEqual(all.map(([file]) => file?.outcome).sort(), ["fetched", ...Array(7).fill("present")]);
  assert.deepEqual(server.asked, ["hits.pdb"]);
  assertThere(folder);
});

Deno.test("what is no address, no name or no id is refused with words", async () => {
  using folder = new Folder();
  for (const server of ["srv*https://example.com", "C:\\symbols", "ftp://example.com", ""]) {
    await assert.rejects(fetchFrom(server, folder), { name: "TypeError", message: /without srv\* in front/ }, server);
  }
  const wrong: Partial<WantedFile>[] = [
    ...["../up.pdb", "a/b.pdb", "a\\b.pdb", "", ".", "..", "c:x.pdb", "a\0b", "x.pdb."].map((name) => ({ name })),
    ...["", "../..", "12", "XYZ4567890"].map((id) => ({ id })),
  ];
  for (const part of wrong) {
    const servers = ["http://127.0.0.1:9/"];
    const fetching = fetchSymbols([{ ...WANTED, ...part }], { servers, cache: folder.path });
    await assert.rejects(
      fetching,
      { name: "TypeError", message: /take what wantedFiles\(\) gives/ },
      JSON.stringify(part),
    );
  }
});

Deno.test("a cache that cannot be written to is told", async () => {
  using folder = new Folder();
  const file = join(folder.path, "file");
  await Deno.writeTextFile(file, "");
  await using server = serverOf({ "hits.pdb": PDB });
  await assert.rejects(
    fetchSymbols([WANTED], { servers: [server.url], cache: file }),
    (error) =>
      error instanceof FileError && error.kind === "storage" && /; look at its permissions/.test(error.message),
  );
});
