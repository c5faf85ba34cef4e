// A client of the inspector protocol, over the WebSocket that Node has built in. Plain JavaScript, which has no types to write:
// deno-lint-ignore-file explicit-function-return-type
import { spawn } from "node:child_process";

/** Starts a program of Node's or Deno's with --inspect-brk and connects to it; it stands before its first statement. */
export async function debug(program, file) {
  const flags = /deno$/.test(program) ? ["run", "-A", "--inspect-brk=127.0.0.1:0"] : ["--inspect-brk=127.0.0.1:0"];
  const child = spawn(program, [...flags, file], { stdio: ["ignore", "pipe", "pipe"] });
  const target = { child, events: [], output: "", errors: "", listeners: new Set() };
  target.ended = new Promise((resolve) => child.on("close", (code) => resolve(target.code = code)));
  child.stdout.setEncoding("utf8").on("data", (text) => target.output += text);
  const url = await new Promise((resolve, reject) => {
    child.on("close", () => reject(new Error(target.errors)));
    child.stderr.setEncoding("utf8").on("data", (text) => {
      target.errors += text;
      const found = /ws:\/\/\S+/.exec(target.errors);
      if (found) resolve(found[0]);
    });
  });
  target.url = url;
  await connect(target, url);
  await target.send("Runtime.enable");
  await target.send("Debugger.enable");
  const paused = target.next("Debugger.paused");
  await target.send("Runtime.runIfWaitingForDebugger");
  target.start = await paused;
  return target;
}

/** One more client of a program that `debug` started; it has to close before `finish`. */
export async function attach({ url }) {
  const target = { events: [], listeners: new Set() };
  await connect(target, url);
  await target.send("Debugger.enable");
  return target;
}

function emit(target, event) {
  target.events.push(event);
  for (const listener of [...target.listeners]) listener(event);
}

async function connect(target, url) {
  const socket = new WebSocket(url);
  const pending = new Map();
  let last = 0;
  await new Promise((resolve, reject) => Object.assign(socket, { onopen: resolve, onerror: reject }));
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.id) pending.get(message.id)(message);
    else emit(target, message);
    // Both runtimes stay after the end of the program until the debugger has gone.
    if (message.method === "Runtime.executionContextDestroyed") emit(target, { method: "finished" });
  };
  socket.onclose = () => emit(target, { method: "finished" });
  /** The result, or {error} with the protocol's words. */
  target.send = (method, params = {}) =>
    new Promise((resolve) => {
      pending.set(++last, ({ error, result }) => resolve(error ? { error: error.message } : result));
      socket.send(JSON.stringify({ id: last, method, params }));
    });
  /** The parameters of the next event of that name; undefined when the program finishes first. */
  target.next = (method) =>
    new Promise((resolve) => {
      const listener = (event) => {
        if (event.method !== method && event.method !== "finished") return;
        target.listeners.delete(listener);
        resolve(event.method === method ? event.params : undefined);
      };
      target.listeners.add(listener);
    });
  /** Lets the program go on: its next pause, or undefined at its end. */
  target.resume = () => {
    const paused = target.next("Debugger.paused");
    target.send("Debugger.resume");
    return paused;
  };
  target.close = () => socket.close();
  /** Disconnects and waits for the program's own end. */
  target.finish = async () => {
    socket.close();
    return await target.ended;
  };
}
