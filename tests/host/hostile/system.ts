/** Goes for all that takes a permission of Deno's. */
import { deed } from "./deed.ts";
import { createRequire } from "node:module";
import { fork, spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as net from "node:net";
import * as http from "node:http";
import * as dns from "node:dns";
import { DatabaseSync } from "node:sqlite";
import { Worker as NodeWorker } from "node:worker_threads";
import process from "node:process";
import * as v8 from "node:v8";
import * as vm from "node:vm";
import * as inspector from "node:inspector";
const lib = "libc.so.6";
/** A JSON file outside of the script's folder. */
const outside = new URL("../../../deno.json", import.meta.url).href;

/** A method that the types do not tell of. */
function hidden(of: unknown, name: string): (...values: unknown[]) => unknown {
  return (...values) => Reflect.apply(Reflect.get(Object(of), name), of, values);
}

await deed("dlopen", () => Deno.dlopen(lib, { getpid: { parameters: [], result: "i32" } }).symbols.getpid());
await deed("process.dlopen", () => hidden(process, "dlopen")({ exports: {} }, "/lib/x.node"));
await deed("napi require", () => createRequire(import.meta.url)("./x.node"));
await deed("UnsafePointer", () => Deno.UnsafePointer.create(4096n));
await deed("UnsafePointerView", () => new Deno.UnsafePointerView({} as Deno.PointerObject).getInt8());
await deed("UnsafeCallback", () => new Deno.UnsafeCallback({ parameters: [], result: "void" }, () => {}));
await deed("node:ffi", async () => await import("node:" + "ffi"));
await deed("Deno.Command", () => new Deno.Command("/bin/sh").outputSync());
await deed("Deno.Command self", () => new Deno.Command(Deno.execPath(), { args: ["eval", "1"] }).outputSync());
await deed("Deno.spawn", () => hidden(Deno, "spawn")("/bin/sh"));
await deed("child_process.spawnSync", () => {
  const r = spawnSync("/bin/sh", { env: {} });
  if (r.error) throw r.error;
  return r.stdout;
});
await deed("child_process.spawn", () =>
  new Promise((res, rej) => {
    const c = spawn("/bin/sh", { env: {} });
    c.on("error", rej);
    c.on("exit", res);
  }));
await deed("child_process.fork", () =>
  new Promise((res, rej) => {
    const c = fork("./x.js", { env: {} });
    c.on("error", rej);
    c.on("exit", res);
  }));
await deed("permissions.request", async () => {
  const s = await Deno.permissions.request({ name: "ffi" });
  if (s.state !== "granted") throw new Error(s.state);
});
const inWorker = (code: string) =>
  new Promise((res, rej) => {
    const w = new Worker("data:text/javascript," + encodeURIComponent(code), { type: "module" });
    w.onmessage = (e) => {
      w.terminate();
      e.data.error ? rej(new Error(e.data.error)) : res(e.data.ok);
    };
    w.onerror = (e) => {
      e.preventDefault();
      w.terminate();
      rej(new Error("worker " + e.message));
    };
  });
const tell = (expr: string) =>
  `try { postMessage({ok: String(await (${expr}))}) } catch (e) { postMessage({error: e.name + ": " + e.message}) }`;
const imp = (spec: string, type: string) =>
  inWorker(`import x from "${spec}" with { type: "${type}" }; postMessage({ok: String(x)});`);
await deed("worker dlopen", () => inWorker(tell('Deno.dlopen("libc.so.6", {})')));
await deed("worker read", () => inWorker(tell('Deno.readTextFile("/etc/hostname")')));
await deed("worker static text import", () => imp("file:///etc/hostname", "text"));
await deed("worker static bytes import", () => imp("file:///etc/hostname", "bytes"));
await deed("worker static json import", () => imp(outside, "json"));
await deed("worker file", () =>
  new Promise((res, rej) => {
    const w = new Worker("file:///etc/hostname", { type: "module" });
    w.onerror = (e) => {
      e.preventDefault();
      rej(new Error(e.message));
    };
    setTimeout(() => {
      w.terminate();
      res("no error");
    }, 300);
  }));
await deed("node worker file", () =>
  new Promise((res, rej) => {
    const w = new NodeWorker(new URL("../../../mod.ts", import.meta.url));
    w.on("error", rej);
    w.on("exit", (c) => c ? rej(new Error("exit " + c)) : res(c));
  }));
await deed("node worker eval spawn", () =>
  new Promise((res, rej) => {
    const w = new NodeWorker(
      'const r = require("node:child_process").spawnSync("/bin/sh", { env: {} }); if (r.error) throw r.error; require("node:worker_threads").parentPort.postMessage(1)',
      { eval: true },
    );
    w.on("error", rej);
    w.on("message", res);
    w.on("exit", () => rej(new Error("exit")));
  }));
await deed("node worker SHARE_ENV", () =>
  new Promise((res, rej) => {
    const w = new NodeWorker('require("node:worker_threads").parentPort.postMessage(JSON.stringify(process.env))', {
      eval: true,
      execArgv: ["--allow-all"],
      env: { A: "1" },
    });
    w.on("error", rej);
    w.on("message", res);
    w.on("exit", () => rej(new Error("exit")));
  }));
for (const type of ["text", "bytes", "json"]) {
  await deed(
    "dynamic import " + type,
    async () => (await import(outside, { with: { type } })).default,
  );
}
await deed(
  "dynamic import of data of a file",
  async () =>
    (await import(
      "data:text/javascript," +
        encodeURIComponent(`export { default } from "${outside}" with { type: "json" }`)
    )).default,
);
await deed("dynamic import own folder", async () => (await import("./" + "deed.ts")).deed);
await deed(
  "blob import of file",
  async () =>
    (await import(
      URL.createObjectURL(
        new Blob([`export { default } from "${outside}" with { type: "json" }`], {
          type: "text/javascript",
        }),
      )
    )).default,
);
for (
  const url of ["http://127.0.0.1:9/x.ts", "https://deno.land/x/x.ts", "jsr:@std/assert", "npm:chalk", "npm:/chalk@5"]
) await deed("import of " + url.replace(":", " "), async () => await import(url + ""));
await deed("require of json", () => createRequire(outside)("./deno.json"));
await deed("require npm", () => createRequire(import.meta.url)("chalk"));
await deed("fetch", () => fetch("http://127.0.0.1:4711/"));
await deed("fetch file", async () => (await fetch("file:///etc/hostname")).text());
await deed("connect", () => Deno.connect({ port: 9 }));
await deed("connect unix", () => Deno.connect({ transport: "unix", path: "/run/x.sock" }));
await deed("listen", () => Deno.listen({ port: 0 }));
await deed("listenDatagram", () => hidden(Deno, "listenDatagram")({ port: 0, transport: "udp" }));
await deed("serve", () => Deno.serve({ port: 0 }, () => new Response()));
await deed("resolveDns", () => Deno.resolveDns("x.example", "A"));
await deed("dns.lookup", () => dns.promises.lookup("x.example"));
await deed("WebSocket", () =>
  new Promise((res, rej) => {
    const w = new WebSocket("ws://127.0.0.1:9");
    w.onopen = res;
    w.onerror = (e) => rej((e as ErrorEvent).error ?? new Error((e as ErrorEvent).message));
  }));
await deed("EventSource", () =>
  new Promise((res, rej) => {
    const w = new EventSource("http://127.0.0.1:9");
    w.onopen = res;
    w.onerror = (e) => {
      w.close();
      rej(new Error((e as ErrorEvent).message));
    };
  }));
await deed("node:net connect", () =>
  new Promise((res, rej) => {
    const s = net.connect(9, "127.0.0.1");
    s.on("error", rej);
    s.on("connect", res);
  }));
await deed("node:net listen", () =>
  new Promise((res, rej) => {
    const s = net.createServer();
    s.on("error", rej);
    s.listen(0, () => res(s.address()));
  }));
await deed("node:http", () =>
  new Promise((res, rej) => {
    http.get("http://127.0.0.1:9", res).on("error", rej);
  }));
await deed("env get", () => Deno.env.get("HOME"));
await deed("env all", () => JSON.stringify(Deno.env.toObject()));
await deed("process.env", () => JSON.stringify(process.env.HOME));
await deed("hostname", () => Deno.hostname());
await deed("osRelease", () => Deno.osRelease());
await deed("networkInterfaces", () => Deno.networkInterfaces());
await deed("os.userInfo", () => os.userInfo().username);
await deed("os.hostname", () => os.hostname());
await deed("os.homedir", () => os.homedir());
await deed("uid", () => Deno.uid());
await deed("cwd", () => Deno.cwd());
await deed("process.cwd", () => process.cwd());
await deed("execPath", () => Deno.execPath());
await deed("execArgv", () => process.execArgv.join(" "));
await deed("process.report", () => hidden(process.report, "getReport")());
await deed("v8 flags", () => v8.setFlagsFromString("--allow-natives-syntax"));
await deed("v8 snapshot", () => v8.writeHeapSnapshot("./latch-heap"));
await deed("vm", () => vm.runInNewContext("this.constructor.constructor('return process')().pid"));
await deed("inspector.open", () => inspector.open(0));
await deed("readTextFile", () => Deno.readTextFile("/etc/hostname"));
await deed("readTextFile own", () => Deno.readTextFile(new URL(import.meta.url)));
await deed("readFileSync", () => fs.readFileSync("/etc/hostname", "utf8"));
await deed("readDir", () => [...Deno.readDirSync("/")].length);
await deed("readLink", () => Deno.readLinkSync("/proc/self/exe"));
await deed("realPath", () => Deno.realPathSync("/"));
await deed("stat", () => Deno.statSync("/etc").size);
await deed("fs.existsSync", () => {
  if (!fs.existsSync("/etc")) throw new Error("false");
  return true;
});
await deed("fs.watch", () => Deno.watchFs("/etc"));
await deed("fs.openSync fd", () => fs.readFileSync("/dev/stdin"));
await deed("read /proc/self", () => Deno.readTextFileSync("/proc/self/environ"));
await deed("sqlite", () => new DatabaseSync("./latch-hostile.db"));
await deed("sqlite attach", () => {
  const d = new DatabaseSync(":memory:");
  d.exec("attach './latch-hostile.db' as x; create table x.t(a)");
  return d;
});
await deed("sqlite extension", () => {
  const d = new DatabaseSync(":memory:", { allowExtension: true });
  d.loadExtension("./x.so");
});
await deed("writeTextFile", () => Deno.writeTextFile("./latch-hostile", "x"));
await deed("makeTempDir", () => Deno.makeTempDirSync());
await deed("fs.writeFileSync", () => fs.writeFileSync("./latch-hostile", "x"));
await deed("symlink", () => Deno.symlinkSync("/etc", "./latch-hostile"));
await deed("localStorage", () => {
  localStorage.setItem("a", "b");
  return localStorage.length;
});
await deed("sessionStorage", () => {
  sessionStorage.setItem("a", "b");
  return sessionStorage.length;
});
await deed("caches", async () => {
  const c = await caches.open("x");
  await c.put("http://x/", new Response("y"));
  return (await caches.keys?.())?.length ?? "open";
});
await deed("openKv", () => hidden(Deno, "openKv")());
await deed("umask", () => Deno.umask());
await deed("chdir", () => Deno.chdir("/"));
await deed("kill parent", () => Deno.kill(Deno.ppid, "SIGKILL"));
await deed("stop parent", () => Deno.kill(Deno.ppid, "SIGSTOP"));
await deed("kill init", () => Deno.kill(1, "SIGCONT"));
await deed("process.kill parent", () => process.kill(Deno.ppid, "SIGCONT"));
await deed("process.kill parent 0", () => process.kill(Deno.ppid, 0));
await deed("kill group 0", () => Deno.kill(0, "SIGCONT"));
await deed("process.kill group 0", () => process.kill(0, "SIGCONT"));
await deed("kill -1", () => Deno.kill(-1, "SIGCONT"));
await deed("kill own group", () => Deno.kill(-Deno.pid, "SIGCONT"));
await deed("process.kill -1", () => process.kill(-1, "SIGCONT"));
await deed("process.kill own group", () => process.kill(-Deno.pid, "SIGCONT"));
await deed("kill pid + 2^32", () => Deno.kill(Deno.pid + 2 ** 32, "SIGCONT"));
await deed("kill fraction", () => process.kill(0.5, "SIGCONT"));
await deed("process._debugProcess", () => hidden(process, "_debugProcess")(Deno.ppid));
await deed("setpriority", () => os.setPriority(Deno.ppid, 19));
await deed("stdin tty", () => Deno.stdin.isTerminal());
await deed("open tty", () => Deno.openSync("/dev/tty", { read: true, write: true }));
await deed("internal", () => Object.keys(Reflect.get(Deno, Reflect.get(Deno, "internal"))).length);
await deed("channel", () => typeof Reflect.get(globalThis, Symbol.for("latch.channel")));
console.log("end");
Deno.exit(0);
