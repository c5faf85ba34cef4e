/** `latch` itself from a URL: its confined scripts get its modules, and nothing else of that server. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Serves this checkout, and a folder of scripts. */
function serve(folder: string): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async ({ url }) => {
    const { pathname } = new URL(url);
    const path = pathname.startsWith("/s/") ? join(folder, pathname.slice(3)) : join(ROOT, pathname);
    const body = await Deno.readFile(path).catch(() => undefined);
    return body
      ? new Response(body, { headers: { "content-type": "application/typescript" } })
      : new Response("", { status: 404 });
  });
}

Deno.test("latch from a URL runs scripts of a disk and of its server, which load nothing more from there", async () => {
  const folder = await Deno.makeTempDir({ prefix: "latch-" });
  await using server = serve(folder);
  const origin = `http://127.0.0.1:${server.addr.port}`;
  await Deno.writeTextFile(join(folder, "other.ts"), "console.log('other');");
  await Deno.writeTextFile(
    join(folder, "main.ts"),
    `import { attach } from "@latch/latch";
     console.log(typeof attach);
     for (const path of ["s/other.ts", "s/other.ts?told", "examples/attach.ts"]) {
       await import("${origin}/" + path).then(() => console.log("loaded"), () => console.log("refused"));
     }`,
  );
  try {
    for (const script of [join(folder, "main.ts"), `${origin}/s/main.ts`]) {
      const args = ["run", "-A", "--no-check", "--no-config", "--quiet", `${origin}/lib/cli/latch.ts`, "run", script];
      const child = new Deno.Command(Deno.execPath(), { args, stdin: "null", stdout: "piped", stderr: "piped" });
      const { code, stdout, stderr } = await child.output();
      const text = new TextDecoder().decode(stdout);
      assert.deepEqual([code, text], [0, "function\nrefused\nrefused\nrefused\n"], new TextDecoder().decode(stderr));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
