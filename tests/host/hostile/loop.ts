/** Holds its program in a handler, and everything with it. `loop.ts NAME HOW` */
import { attach } from "@latch/latch";
const [name = "", how = ""] = Deno.args;

const forever = (): void => {
  for (;;) { /* for ever */ }
};

// Signals and timers are no reason to end.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) Deno.addSignalListener(signal, () => {});
setInterval(() => {}, 1_000);
if (how === "top") forever();
if (how === "worker") {
  for (let count = 0; count < 2; count++) new Worker("data:text/javascript,for (;;) {}", { type: "module" });
}
if (how === "stop") Deno.kill(Deno.pid, "SIGSTOP");
if (how === "handler" || how === "stopped handler") {
  const program = await attach(name, { on: { exception: () => act() } });
  console.log("has", program.name);
  await program.wait();
}
if (how === "exit" || how === "throw") {
  const program = await attach(name, { on: { exception: () => act() } });
  await program.wait();
}

function act(): void {
  console.log("held");
  if (how === "handler") forever();
  if (how === "stopped handler") Deno.kill(Deno.pid, "SIGSTOP");
  if (how === "exit") Deno.exit(9);
  if (how === "throw") queueMicrotask(() => Promise.reject(new Error("on purpose")));
}
