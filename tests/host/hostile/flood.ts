/** Asks faster than anybody can answer. `flood.ts NAME WAY` */
import { attach } from "@latch/latch";
import { big, print, RawClient } from "./raw.ts";
const [name = "", way = ""] = Deno.args;
if (way === "calls") {
  const raw = new RawClient();
  for (let id = 0; id < 100_000; id++) raw.send({ id, call: "processes", values: [big(0)] });
}
if (way === "signs of life") {
  print(`\0{"hello":"latch","version":4}\n`);
  const asked = new TextEncoder().encode('\0{"beat":"ask"}\n'.repeat(10_000));
  for (let time = 0; time < 100; time++) print(asked);
  Deno.kill(Deno.pid, "SIGSTOP");
}
if (way === "large answers") {
  const raw = new RawClient();
  await raw.call("open", {});
  const [process] = JSON.parse(await raw.call("processes", big(0)) as string) as { processId: number }[];
  await raw.call("attach", { server: big(0), processId: process?.processId });
  await raw.call("run", "go");
  const modules = JSON.parse(await raw.call("modules", { processId: process?.processId }) as string);
  const { base, size } = modules.at(-1);
  console.log("has", name);
  for (let id = 1_000; id < 1_240; id++) {
    raw.send({ id, call: "read", values: [{ processId: process?.processId }, base, size] });
  }
  setTimeout(() => Deno.kill(Deno.pid, "SIGSTOP"), 300);
}
if (way === "latch") {
  await using program = await attach(name);
  const answers = await Promise.all(Array.from({ length: 500 }, () => program.modules()));
  console.log("answered", answers.length);
  Deno.exit(0);
}
if (way === "output") {
  const line = new TextEncoder().encode("x".repeat(1 << 20) + "\n");
  for (;;) print(line);
}
